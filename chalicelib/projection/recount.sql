-- Write a merchant's totals as the entries, `counted` just before, make them; nothing is added to
-- what was there. Whoever runs this holds the merchant's row, so no entry comes in between. Answers
-- with the number of totals that were wrong, missing or of no entry.

WITH
-- differences.sql
,
days_put AS (
    INSERT INTO day_totals AS total SELECT * FROM fresh_days ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, day, account) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
),
months_put AS (
    INSERT INTO month_totals AS total SELECT * FROM fresh_months ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, month, account) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
),
years_put AS (
    INSERT INTO year_totals AS total SELECT * FROM fresh_years ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, year, account) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
),
categories_put AS (
    INSERT INTO category_totals AS total SELECT * FROM fresh_categories ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, day, category) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
),
newest_put AS (
    INSERT INTO merchants (merchant_id, newest_recorded_at)
    SELECT * FROM fresh_newest ORDER BY merchant_id COLLATE "C"
    ON CONFLICT (merchant_id) DO UPDATE SET newest_recorded_at = excluded.newest_recorded_at
),
days_gone AS (
    DELETE FROM day_totals WHERE (merchant_id, currency, day, account) IN (TABLE stale_days)
),
months_gone AS (
    DELETE FROM month_totals WHERE (merchant_id, currency, month, account) IN (TABLE stale_months)
),
years_gone AS (
    DELETE FROM year_totals WHERE (merchant_id, currency, year, account) IN (TABLE stale_years)
),
categories_gone AS (
    DELETE FROM category_totals
    WHERE (merchant_id, currency, day, category) IN (TABLE stale_categories)
)
SELECT (SELECT count(*) FROM fresh_days) + (SELECT count(*) FROM stale_days)
    + (SELECT count(*) FROM fresh_months) + (SELECT count(*) FROM stale_months)
    + (SELECT count(*) FROM fresh_years) + (SELECT count(*) FROM stale_years)
    + (SELECT count(*) FROM fresh_categories) + (SELECT count(*) FROM stale_categories)
    + (SELECT count(*) FROM fresh_newest)
