-- Which of these merchants have totals that are not the sums of their entries. One statement sees
-- one moment, and a projector writes entries and totals together, so none that is only on its way.

WITH asked AS (
    SELECT * FROM entries WHERE merchant_id = ANY (CAST(:merchants AS text[]))
),
counted AS MATERIALIZED (
    -- counted.sql
),
-- differences.sql
SELECT merchant_id FROM fresh_days UNION SELECT merchant_id FROM stale_days
UNION SELECT merchant_id FROM fresh_months UNION SELECT merchant_id FROM stale_months
UNION SELECT merchant_id FROM fresh_years UNION SELECT merchant_id FROM stale_years
UNION SELECT merchant_id FROM fresh_categories UNION SELECT merchant_id FROM stale_categories
UNION SELECT merchant_id FROM fresh_newest
