-- Days of some merchants, :every days apart back from :until, on which the read model contradicts
-- itself (entries against totals, days against months, months against years) or, where nothing is
-- known to have changed since, its closings.

WITH asked AS MATERIALIZED (
    SELECT merchant_id, CAST(:until AS date) - back AS day
    FROM unnest(CAST(:merchants AS text[])) AS one (merchant_id)
    CROSS JOIN LATERAL (
        SELECT least(
            (SELECT min(day) FROM entries WHERE entries.merchant_id = one.merchant_id),
            (SELECT min(day) FROM day_totals WHERE day_totals.merchant_id = one.merchant_id),
            (SELECT min(day) FROM closings WHERE closings.merchant_id = one.merchant_id)
        ) AS first_day
    ) AS first_of
    CROSS JOIN generate_series(0, CAST(:until AS date) - first_day, CAST(:every AS integer)) AS back
)
SELECT merchant_id, json_agg(day ORDER BY day)::text FROM asked
WHERE EXISTS (
    SELECT FROM (
        SELECT currency, account, count(*) AS entries,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS credits_minor,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'debit'), 0) AS debits_minor
        FROM entries WHERE (entries.merchant_id, entries.day) = (asked.merchant_id, asked.day)
        GROUP BY currency, account
    ) AS counted
    FULL JOIN (
        SELECT * FROM day_totals
        WHERE (day_totals.merchant_id, day_totals.day) = (asked.merchant_id, asked.day)
    ) AS kept USING (currency, account)
    WHERE (counted.credits_minor, counted.debits_minor, counted.entries)
        IS DISTINCT FROM (kept.credits_minor, kept.debits_minor, kept.entries)
)
OR EXISTS (
    SELECT FROM (
        SELECT currency, coalesce(category, '') AS category, count(*) AS entries,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS credits_minor,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'debit'), 0) AS debits_minor
        FROM entries WHERE (entries.merchant_id, entries.day) = (asked.merchant_id, asked.day)
        GROUP BY 1, 2
    ) AS counted
    FULL JOIN (
        SELECT * FROM category_totals
        WHERE (category_totals.merchant_id, category_totals.day) = (asked.merchant_id, asked.day)
    ) AS kept USING (currency, category)
    WHERE (counted.credits_minor, counted.debits_minor, counted.entries)
        IS DISTINCT FROM (kept.credits_minor, kept.debits_minor, kept.entries)
)
OR EXISTS (
    SELECT FROM (
        SELECT currency, account, sum(credits_minor) AS credits_minor,
            sum(debits_minor) AS debits_minor, sum(entries) AS entries
        FROM day_totals WHERE day_totals.merchant_id = asked.merchant_id
            AND day_totals.day >= date_trunc('month', asked.day::timestamp)
            AND day_totals.day < date_trunc('month', asked.day::timestamp) + interval '1 month'
        GROUP BY currency, account
    ) AS counted
    FULL JOIN (
        SELECT * FROM month_totals WHERE month_totals.merchant_id = asked.merchant_id
            AND month_totals.month = date_trunc('month', asked.day::timestamp)::date
    ) AS kept USING (currency, account)
    WHERE (counted.credits_minor, counted.debits_minor, counted.entries)
        IS DISTINCT FROM (kept.credits_minor, kept.debits_minor, kept.entries)
)
OR EXISTS (
    SELECT FROM (
        SELECT currency, account, sum(credits_minor) AS credits_minor,
            sum(debits_minor) AS debits_minor, sum(entries) AS entries
        FROM month_totals WHERE month_totals.merchant_id = asked.merchant_id
            AND month_totals.month >= date_trunc('year', asked.day::timestamp)
            AND month_totals.month < date_trunc('year', asked.day::timestamp) + interval '1 year'
        GROUP BY currency, account
    ) AS counted
    FULL JOIN (
        SELECT * FROM year_totals WHERE year_totals.merchant_id = asked.merchant_id
            AND year_totals.year = date_trunc('year', asked.day::timestamp)::date
    ) AS kept USING (currency, account)
    WHERE (counted.credits_minor, counted.debits_minor, counted.entries)
        IS DISTINCT FROM (kept.credits_minor, kept.debits_minor, kept.entries)
)
OR NOT EXISTS (
    SELECT FROM unsealed_days AS changed
    WHERE (changed.merchant_id, changed.day) = (asked.merchant_id, asked.day)
) AND EXISTS (
    SELECT FROM (
        SELECT currency, account, sum(net_minor) AS net_minor, sum(entries) AS entries
        FROM closing_effects AS effect
        WHERE (effect.merchant_id, effect.day) = (asked.merchant_id, asked.day)
        GROUP BY currency, account
    ) AS sealed
    FULL JOIN (
        SELECT * FROM day_totals
        WHERE (day_totals.merchant_id, day_totals.day) = (asked.merchant_id, asked.day)
    ) AS kept USING (currency, account)
    WHERE (coalesce(sealed.net_minor, 0), coalesce(sealed.entries, 0)) IS DISTINCT FROM
        (coalesce(kept.credits_minor - kept.debits_minor, 0), coalesce(kept.entries, 0))
)
GROUP BY merchant_id
ORDER BY merchant_id
