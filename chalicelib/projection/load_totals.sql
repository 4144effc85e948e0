-- Write the totals of merchants that have none, computed from their entries, and mark their days as
-- not sealed. The caller has locked the merchants' rows and deleted what totals they had.

WITH counted AS MATERIALIZED (
    SELECT * FROM counted_totals(:merchants)
),
days AS (
    INSERT INTO day_totals
    SELECT merchant_id, currency, start, name, credits_minor, debits_minor, entries
    FROM counted WHERE total = 'day'
),
months AS (
    INSERT INTO month_totals
    SELECT merchant_id, currency, start, name, credits_minor, debits_minor, entries
    FROM counted WHERE total = 'month'
),
years AS (
    INSERT INTO year_totals
    SELECT merchant_id, currency, start, name, credits_minor, debits_minor, entries
    FROM counted WHERE total = 'year'
),
categories AS (
    INSERT INTO category_totals
    SELECT merchant_id, currency, start, name, credits_minor, debits_minor, entries
    FROM counted WHERE total = 'category'
),
newest AS (
    UPDATE merchants SET newest_recorded_at = counted.newest_recorded_at
    FROM counted WHERE total = 'newest' AND counted.merchant_id = merchants.merchant_id
)
INSERT INTO unsealed_days AS known (merchant_id, day, mark)
SELECT merchant_id, start, nextval('unsealed_marks') FROM (
    SELECT DISTINCT merchant_id, start FROM counted WHERE total = 'day' ORDER BY merchant_id, start
) AS marked
ON CONFLICT (merchant_id, day) DO UPDATE SET mark = excluded.mark
