-- Days of some merchants, :every days apart back from :until, on which the read model contradicts
-- itself (entries and totals, days and months, months and years) or, if the day is not marked as
-- changed, its closings.

WITH checked AS MATERIALIZED (
    SELECT merchant_id, CAST(:until AS date) - back AS day
    FROM unnest(CAST(:merchants AS text[])) AS merchant (merchant_id)
    CROSS JOIN LATERAL (
        SELECT least(
            (SELECT min(day) FROM entries WHERE entries.merchant_id = merchant.merchant_id),
            (SELECT min(day) FROM day_totals WHERE day_totals.merchant_id = merchant.merchant_id),
            (SELECT min(day) FROM closings WHERE closings.merchant_id = merchant.merchant_id)
        ) AS first_day
    ) AS first_of
    CROSS JOIN generate_series(0, CAST(:until AS date) - first_day, CAST(:every AS integer)) AS back
)
SELECT merchant_id, json_agg(day ORDER BY day)::text FROM checked
WHERE EXISTS (
    SELECT FROM (
        SELECT currency, account, count(*) AS entries,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS credits_minor,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'debit'), 0) AS debits_minor
        FROM entries WHERE (entries.merchant_id, entries.day) = (checked.merchant_id, checked.day)
        GROUP BY currency, account
    ) AS counted
    FULL JOIN (
        SELECT * FROM day_totals
        WHERE (day_totals.merchant_id, day_totals.day) = (checked.merchant_id, checked.day)
    ) AS stored USING (currency, account)
    WHERE (counted.credits_minor, counted.debits_minor, counted.entries)
        IS DISTINCT FROM (stored.credits_minor, stored.debits_minor, stored.entries)
)
OR EXISTS (
    SELECT FROM (
        SELECT currency, coalesce(category, '') AS category, count(*) AS entries,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS credits_minor,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'debit'), 0) AS debits_minor
        FROM entries WHERE (entries.merchant_id, entries.day) = (checked.merchant_id, checked.day)
        GROUP BY 1, 2
    ) AS counted
    FULL JOIN (
        SELECT * FROM category_totals
        WHERE (category_totals.merchant_id, category_totals.day) = (checked.merchant_id, checked.day)
    ) AS stored USING (currency, category)
    WHERE (counted.credits_minor, counted.debits_minor, counted.entries)
        IS DISTINCT FROM (stored.credits_minor, stored.debits_minor, stored.entries)
)
OR EXISTS (
    SELECT FROM (
        SELECT currency, account, sum(credits_minor) AS credits_minor,
            sum(debits_minor) AS debits_minor, sum(entries) AS entries
        FROM day_totals WHERE day_totals.merchant_id = checked.merchant_id
            AND day_totals.day >= date_trunc('month', checked.day::timestamp)
            AND day_totals.day < date_trunc('month', checked.day::timestamp) + interval '1 month'
        GROUP BY currency, account
    ) AS counted
    FULL JOIN (
        SELECT * FROM month_totals WHERE month_totals.merchant_id = checked.merchant_id
            AND month_totals.month = date_trunc('month', checked.day::timestamp)::date
    ) AS stored USING (currency, account)
    WHERE (counted.credits_minor, counted.debits_minor, counted.entries)
        IS DISTINCT FROM (stored.credits_minor, stored.debits_minor, stored.entries)
)
OR EXISTS (
    SELECT FROM (
        SELECT currency, account, sum(credits_minor) AS credits_minor,
            sum(debits_minor) AS debits_minor, sum(entries) AS entries
        FROM month_totals WHERE month_totals.merchant_id = checked.merchant_id
            AND month_totals.month >= date_trunc('year', checked.day::timestamp)
            AND month_totals.month < date_trunc('year', checked.day::timestamp) + interval '1 year'
        GROUP BY currency, account
    ) AS counted
    FULL JOIN (
        SELECT * FROM year_totals WHERE year_totals.merchant_id = checked.merchant_id
            AND year_totals.year = date_trunc('year', checked.day::timestamp)::date
    ) AS stored USING (currency, account)
    WHERE (counted.credits_minor, counted.debits_minor, counted.entries)
        IS DISTINCT FROM (stored.credits_minor, stored.debits_minor, stored.entries)
)
OR NOT EXISTS (
    SELECT FROM unsealed_days AS changed
    WHERE (changed.merchant_id, changed.day) = (checked.merchant_id, checked.day)
) AND EXISTS (
    SELECT FROM (
        SELECT currency, account, sum(net_minor) AS net_minor, sum(entries) AS entries
        FROM closing_effects AS effect
        WHERE (effect.merchant_id, effect.day) = (checked.merchant_id, checked.day)
        GROUP BY currency, account
    ) AS sealed
    FULL JOIN (
        SELECT * FROM day_totals
        WHERE (day_totals.merchant_id, day_totals.day) = (checked.merchant_id, checked.day)
    ) AS stored USING (currency, account)
    WHERE (coalesce(sealed.net_minor, 0), coalesce(sealed.entries, 0)) IS DISTINCT FROM
        (coalesce(stored.credits_minor - stored.debits_minor, 0), coalesce(stored.entries, 0))
)
GROUP BY merchant_id
ORDER BY merchant_id
