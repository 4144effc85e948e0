-- Count all totals of some merchants anew from their entries, and write those that differ. Nothing
-- is added to what was there. Whoever runs this holds the merchants' rows, so no entry comes in
-- between. Answers with the number of totals that were wrong, missing or of no entry.

WITH counted AS MATERIALIZED (
    SELECT merchant_id, currency, day, account, coalesce(category, '') AS category,
        coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS credits,
        coalesce(sum(amount_minor) FILTER (WHERE type = 'debit'), 0) AS debits,
        count(*) AS entries, max(recorded_at) AS newest
    FROM entries WHERE merchant_id = ANY (CAST(:merchants AS text[]))
    GROUP BY 1, 2, 3, 4, 5
),
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
days_put AS (
    INSERT INTO day_totals AS total SELECT * FROM days ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, day, account) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
    WHERE (total.credits_minor, total.debits_minor, total.entries)
        IS DISTINCT FROM (excluded.credits_minor, excluded.debits_minor, excluded.entries)
    RETURNING 1
),
months_put AS (
    INSERT INTO month_totals AS total SELECT * FROM months ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, month, account) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
    WHERE (total.credits_minor, total.debits_minor, total.entries)
        IS DISTINCT FROM (excluded.credits_minor, excluded.debits_minor, excluded.entries)
    RETURNING 1
),
years_put AS (
    INSERT INTO year_totals AS total SELECT * FROM years ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, year, account) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
    WHERE (total.credits_minor, total.debits_minor, total.entries)
        IS DISTINCT FROM (excluded.credits_minor, excluded.debits_minor, excluded.entries)
    RETURNING 1
),
categories_put AS (
    INSERT INTO category_totals AS total SELECT * FROM categories ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, day, category) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
    WHERE (total.credits_minor, total.debits_minor, total.entries)
        IS DISTINCT FROM (excluded.credits_minor, excluded.debits_minor, excluded.entries)
    RETURNING 1
),
days_gone AS (
    DELETE FROM day_totals AS total WHERE merchant_id = ANY (CAST(:merchants AS text[]))
        AND NOT EXISTS (SELECT FROM days WHERE (merchant_id, currency, day, account)
            = (total.merchant_id, total.currency, total.day, total.account))
    RETURNING 1
),
months_gone AS (
    DELETE FROM month_totals AS total WHERE merchant_id = ANY (CAST(:merchants AS text[]))
        AND NOT EXISTS (SELECT FROM months WHERE (merchant_id, currency, month, account)
            = (total.merchant_id, total.currency, total.month, total.account))
    RETURNING 1
),
years_gone AS (
    DELETE FROM year_totals AS total WHERE merchant_id = ANY (CAST(:merchants AS text[]))
        AND NOT EXISTS (SELECT FROM years WHERE (merchant_id, currency, year, account)
            = (total.merchant_id, total.currency, total.year, total.account))
    RETURNING 1
),
categories_gone AS (
    DELETE FROM category_totals AS total WHERE merchant_id = ANY (CAST(:merchants AS text[]))
        AND NOT EXISTS (SELECT FROM categories WHERE (merchant_id, currency, day, category)
            = (total.merchant_id, total.currency, total.day, total.category))
    RETURNING 1
),
progress AS (
    UPDATE merchants SET newest_recorded_at = newest.recorded_at
    FROM (
        SELECT merchant_id, max(newest) AS recorded_at
        FROM unnest(CAST(:merchants AS text[])) AS asked (merchant_id)
        LEFT JOIN counted USING (merchant_id) GROUP BY merchant_id
    ) AS newest
    WHERE merchants.merchant_id = newest.merchant_id
        AND merchants.newest_recorded_at IS DISTINCT FROM newest.recorded_at
    RETURNING 1
)
SELECT (SELECT count(*) FROM days_put) + (SELECT count(*) FROM days_gone)
    + (SELECT count(*) FROM months_put) + (SELECT count(*) FROM months_gone)
    + (SELECT count(*) FROM years_put) + (SELECT count(*) FROM years_gone)
    + (SELECT count(*) FROM categories_put) + (SELECT count(*) FROM categories_gone)
    + (SELECT count(*) FROM progress)
