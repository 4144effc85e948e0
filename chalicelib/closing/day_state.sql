-- Everything about a merchant's day at one moment, as JSON: its entries, the totals of the day, its
-- month and its year, the newest closings, and the balances before the day.

WITH target AS MATERIALIZED (
    SELECT CAST(:merchant AS text) COLLATE "C" AS merchant_id, CAST(:day AS date) AS day,
        date_trunc('month', CAST(:day AS timestamp))::date AS month,
        date_trunc('year', CAST(:day AS timestamp))::date AS year
),
newest AS (
    SELECT closings.* FROM closings JOIN target USING (merchant_id, day)
    ORDER BY version DESC LIMIT 1
),
-- The end of the merchant's chain. The parameter itself, so that the end of the index answers,
-- however long the chain is.
head AS MATERIALIZED (
    SELECT sequence, root, published::json ->> 'closed_at' AS closed_at
    FROM closings WHERE merchant_id = CAST(:merchant AS text)
    ORDER BY sequence DESC LIMIT 1
),
-- The newest closing of the last closed day before this one. The parameters themselves, as above.
closed_before AS (
    SELECT sequence, day FROM closings
    WHERE merchant_id = CAST(:merchant AS text) AND day < CAST(:day AS date)
    ORDER BY day DESC, version DESC LIMIT 1
),
-- The balances before the day by closings, by entries that no closing holds, and by totals, each
-- with its number of entries.
earlier AS (
    SELECT account, currency, net_minor AS sealed, 0 AS unsealed, 0 AS stored,
        sealed_totals.entries AS held, 0 AS counted
    FROM sealed_totals JOIN target USING (merchant_id)
    WHERE sealed_totals.period = 'year' AND sealed_totals.start < target.year
    UNION ALL
    SELECT account, currency, net_minor, 0, 0, sealed_totals.entries, 0
    FROM sealed_totals JOIN target USING (merchant_id)
    WHERE sealed_totals.period = 'month'
        AND sealed_totals.start >= target.year AND sealed_totals.start < target.month
    UNION ALL
    SELECT account, currency, net_minor, 0, 0, closing_effects.entries, 0
    FROM closing_effects JOIN target USING (merchant_id)
    WHERE closing_effects.day >= target.month AND closing_effects.day < target.day
    UNION ALL
    SELECT account, currency, 0, CASE type WHEN 'credit' THEN amount_minor ELSE -amount_minor END,
        0, 1, 0
    FROM target JOIN unsealed_days AS changed USING (merchant_id)
    JOIN entries USING (merchant_id)
    WHERE changed.day < target.day AND entries.day = changed.day AND NOT EXISTS (
        SELECT FROM sealed_entries AS sealed WHERE (sealed.merchant_id, sealed.day, sealed.entry_id)
            = (entries.merchant_id, entries.day, entries.entry_id))
    UNION ALL
    SELECT account, currency, 0, 0, credits_minor - debits_minor, 0, year_totals.entries
    FROM year_totals JOIN target USING (merchant_id) WHERE year_totals.year < target.year
    UNION ALL
    SELECT account, currency, 0, 0, credits_minor - debits_minor, 0, month_totals.entries
    FROM month_totals JOIN target USING (merchant_id)
    WHERE month_totals.month >= target.year AND month_totals.month < target.month
    UNION ALL
    SELECT account, currency, 0, 0, credits_minor - debits_minor, 0, day_totals.entries
    FROM day_totals JOIN target USING (merchant_id)
    WHERE day_totals.day >= target.month AND day_totals.day < target.day
),
prior_balances AS (
    SELECT account, currency, sum(sealed) AS sealed, sum(unsealed) AS unsealed,
        sum(stored) AS stored, sum(counted) - sum(held) AS surplus
    FROM earlier GROUP BY account, currency
),
of_days AS (
    SELECT account, currency, sum(credits_minor) AS credits, sum(debits_minor) AS debits,
        sum(entries) AS entries
    FROM day_totals JOIN target USING (merchant_id)
    WHERE day_totals.day >= target.month AND day_totals.day < target.month + interval '1 month'
    GROUP BY account, currency
),
of_months AS (
    SELECT account, currency, sum(credits_minor) AS credits, sum(debits_minor) AS debits,
        sum(entries) AS entries
    FROM month_totals JOIN target USING (merchant_id)
    WHERE month_totals.month >= target.year AND month_totals.month < target.year + interval '1 year'
    GROUP BY account, currency
)
SELECT json_build_object(
    'rows', (SELECT json_agg({row} ORDER BY entry_id)
        FROM entries JOIN target USING (merchant_id, day)),
    'day', (SELECT json_agg(json_build_array(account, currency, credits_minor, debits_minor, entries))
        FROM day_totals JOIN target USING (merchant_id, day)),
    'category', (
        SELECT json_agg(json_build_array(category, currency, credits_minor, debits_minor, entries))
        FROM category_totals JOIN target USING (merchant_id, day)),
    'month', (
        SELECT json_agg(json_build_array(account, currency, credits_minor, debits_minor, entries))
        FROM month_totals JOIN target USING (merchant_id, month)),
    'of_days', (SELECT json_agg(json_build_array(account, currency, credits, debits, entries))
        FROM of_days),
    'year', (SELECT json_agg(json_build_array(account, currency, credits_minor, debits_minor, entries))
        FROM year_totals JOIN target USING (merchant_id, year)),
    'of_months', (SELECT json_agg(json_build_array(account, currency, credits, debits, entries))
        FROM of_months),
    'prior_balances', (
        SELECT json_agg(json_build_array(account, currency, sealed, unsealed, stored, surplus))
        FROM prior_balances),
    'change_id', (SELECT mark FROM unsealed_days JOIN target USING (merchant_id, day)),
    'head', (SELECT json_build_array(sequence, root, closed_at) FROM head),
    'closed_before', (SELECT json_build_array(sequence, day) FROM closed_before),
    'newest', (SELECT published::json FROM newest),
    'sealed', (SELECT json_agg(entry_id) FROM sealed_entries JOIN target USING (merchant_id, day)),
    'repairs', (SELECT count(*) FROM day_repairs JOIN target USING (merchant_id, day)
        WHERE after_version = coalesce((SELECT version FROM newest), 0))
)::text
