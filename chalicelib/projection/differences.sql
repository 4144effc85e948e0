-- The totals of some merchants as `counted` makes them, and where the stored ones differ: `fresh`
-- must be put there, `stale` (by their keys) must go. Other statements go on from here.
-- EXCEPT compares by hash, however many rows there are and however little the planner knows.

days AS MATERIALIZED (
    SELECT merchant_id, currency, day, account,
        sum(credits) AS credits, sum(debits) AS debits, sum(entries) AS entries
    FROM counted GROUP BY 1, 2, 3, 4
),
months AS MATERIALIZED (
    SELECT merchant_id, currency, date_trunc('month', day::timestamp)::date AS month, account,
        sum(credits) AS credits, sum(debits) AS debits, sum(entries) AS entries
    FROM days GROUP BY 1, 2, 3, 4
),
years AS MATERIALIZED (
    SELECT merchant_id, currency, date_trunc('year', month::timestamp)::date AS year, account,
        sum(credits) AS credits, sum(debits) AS debits, sum(entries) AS entries
    FROM months GROUP BY 1, 2, 3, 4
),
categories AS MATERIALIZED (
    SELECT merchant_id, currency, day, category,
        sum(credits) AS credits, sum(debits) AS debits, sum(entries) AS entries
    FROM counted GROUP BY 1, 2, 3, 4
),
newest AS MATERIALIZED (
    SELECT merchant_id, newest_recorded_at
    FROM unnest(CAST(:merchants AS text[])) AS asked (merchant_id)
    LEFT JOIN (
        SELECT merchant_id, max(newest) AS newest_recorded_at FROM counted GROUP BY merchant_id
    ) AS latest USING (merchant_id)
),
stored_days AS MATERIALIZED (
    SELECT merchant_id, currency, day, account, credits_minor, debits_minor, entries
    FROM day_totals WHERE merchant_id = ANY (CAST(:merchants AS text[]))
),
stored_months AS MATERIALIZED (
    SELECT merchant_id, currency, month, account, credits_minor, debits_minor, entries
    FROM month_totals WHERE merchant_id = ANY (CAST(:merchants AS text[]))
),
stored_years AS MATERIALIZED (
    SELECT merchant_id, currency, year, account, credits_minor, debits_minor, entries
    FROM year_totals WHERE merchant_id = ANY (CAST(:merchants AS text[]))
),
stored_categories AS MATERIALIZED (
    SELECT merchant_id, currency, day, category, credits_minor, debits_minor, entries
    FROM category_totals WHERE merchant_id = ANY (CAST(:merchants AS text[]))
),
fresh_days AS MATERIALIZED (TABLE days EXCEPT TABLE stored_days),
fresh_months AS MATERIALIZED (TABLE months EXCEPT TABLE stored_months),
fresh_years AS MATERIALIZED (TABLE years EXCEPT TABLE stored_years),
fresh_categories AS MATERIALIZED (TABLE categories EXCEPT TABLE stored_categories),
fresh_newest AS MATERIALIZED (
    TABLE newest EXCEPT
    SELECT merchant_id, newest_recorded_at FROM merchants
    WHERE merchant_id = ANY (CAST(:merchants AS text[]))
),
stale_days AS MATERIALIZED (
    SELECT merchant_id, currency, day, account FROM stored_days
    EXCEPT SELECT merchant_id, currency, day, account FROM days
),
stale_months AS MATERIALIZED (
    SELECT merchant_id, currency, month, account FROM stored_months
    EXCEPT SELECT merchant_id, currency, month, account FROM months
),
stale_years AS MATERIALIZED (
    SELECT merchant_id, currency, year, account FROM stored_years
    EXCEPT SELECT merchant_id, currency, year, account FROM years
),
stale_categories AS MATERIALIZED (
    SELECT merchant_id, currency, day, category FROM stored_categories
    EXCEPT SELECT merchant_id, currency, day, category FROM categories
)
