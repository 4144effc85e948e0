-- Write the totals of merchants as `differences` has them, and return how many were wrong: missing,
-- altered, or of no entry. The caller has locked the merchants' rows, so no entry is added meanwhile.

WITH fresh AS (
    SELECT total, merchant_id, currency, start, name, credits_minor, debits_minor, entries,
        newest_recorded_at
    FROM differences WHERE NOT is_stored
),
stale AS (
    SELECT total, merchant_id, currency, start, name FROM differences WHERE is_stored
    EXCEPT SELECT total, merchant_id, currency, start, name FROM fresh
),
days_written AS (
    INSERT INTO day_totals
    SELECT merchant_id, currency, start, name, credits_minor, debits_minor, entries
    FROM fresh WHERE total = 'day' ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, day, account) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
),
months_written AS (
    INSERT INTO month_totals
    SELECT merchant_id, currency, start, name, credits_minor, debits_minor, entries
    FROM fresh WHERE total = 'month' ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, month, account) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
),
years_written AS (
    INSERT INTO year_totals
    SELECT merchant_id, currency, start, name, credits_minor, debits_minor, entries
    FROM fresh WHERE total = 'year' ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, year, account) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
),
categories_written AS (
    INSERT INTO category_totals
    SELECT merchant_id, currency, start, name, credits_minor, debits_minor, entries
    FROM fresh WHERE total = 'category' ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, day, category) DO UPDATE SET
        credits_minor = excluded.credits_minor, debits_minor = excluded.debits_minor,
        entries = excluded.entries
),
newest_written AS (
    UPDATE merchants SET newest_recorded_at = (
        SELECT newest_recorded_at FROM fresh
        WHERE total = 'newest' AND fresh.merchant_id = merchants.merchant_id
    )
    WHERE merchant_id IN (SELECT merchant_id FROM differences WHERE total = 'newest')
),
days_deleted AS (
    DELETE FROM day_totals WHERE ('day', merchant_id, currency, day, account) IN (TABLE stale)
),
months_deleted AS (
    DELETE FROM month_totals WHERE ('month', merchant_id, currency, month, account) IN (TABLE stale)
),
years_deleted AS (
    DELETE FROM year_totals WHERE ('year', merchant_id, currency, year, account) IN (TABLE stale)
),
categories_deleted AS (
    DELETE FROM category_totals
    WHERE ('category', merchant_id, currency, day, category) IN (TABLE stale)
)
SELECT (SELECT count(*) FROM fresh) + (SELECT count(*) FROM stale)
