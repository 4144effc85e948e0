-- Days of some merchants, :every days apart back from :until, on which the read model contradicts
-- itself (entries and totals, days and months, months and years) or, if the day is not marked as
-- changed, its closings. A month is compared on its first day and a year on its own, so that as many
-- runs as there are days between two checked ones compare each of them once.

WITH checked AS MATERIALIZED (
    SELECT merchant_id, CAST(:until AS date) - back AS day
    FROM unnest(CAST(:merchants AS text[])) AS merchant (merchant_id)
    CROSS JOIN LATERAL (
        -- The first day is looked up for each currency, because the index begins with currencies.
        WITH RECURSIVE line AS (
            (SELECT currency, day FROM day_totals
            WHERE day_totals.merchant_id = merchant.merchant_id ORDER BY currency, day LIMIT 1)
            UNION ALL
            SELECT following.* FROM line CROSS JOIN LATERAL (
                SELECT currency, day FROM day_totals
                WHERE day_totals.merchant_id = merchant.merchant_id AND currency > line.currency
                ORDER BY currency, day LIMIT 1
            ) AS following
        )
        -- A row that was altered by hand may have any day, also an infinite one.
        SELECT date_trunc('year', greatest(earliest.day, '1900-01-01')::timestamp)::date AS first_day
        FROM (SELECT least(
            (SELECT min(day) FROM entries WHERE entries.merchant_id = merchant.merchant_id),
            (SELECT min(day) FROM line),
            (SELECT min(day) FROM closings WHERE closings.merchant_id = merchant.merchant_id)
        ) AS day) AS earliest
        WHERE earliest.day < 'infinity'
    ) AS first_of
    CROSS JOIN generate_series(0, CAST(:until AS date) - first_day, CAST(:every AS integer)) AS back
),
-- Each day is looked up alone, because a join would read whole tables.
lines AS MATERIALIZED (
    SELECT checked.merchant_id, checked.day, line.*
    FROM checked CROSS JOIN LATERAL (
        SELECT currency, account, coalesce(current_category(entries), '') AS category,
            count(*) AS entries,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS credits_minor,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'debit'), 0) AS debits_minor
        FROM entries WHERE (entries.merchant_id, entries.day) = (checked.merchant_id, checked.day)
        GROUP BY 1, 2, 3
    ) AS line
),
days AS MATERIALIZED (
    SELECT checked.merchant_id, checked.day, stored.currency, stored.account,
        stored.credits_minor, stored.debits_minor, stored.entries
    FROM checked CROSS JOIN LATERAL (
        SELECT * FROM day_totals
        WHERE (day_totals.merchant_id, day_totals.day) = (checked.merchant_id, checked.day)
        OFFSET 0
    ) AS stored
),
-- What is computed and what is stored, as rows of what they are of and their values.
both_sides AS (
    SELECT 'day' AS total, merchant_id, day, currency, account AS name,
        sum(credits_minor) AS credits, sum(debits_minor) AS debits, sum(entries) AS entries
    FROM lines GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT 'day', merchant_id, day, currency, account, credits_minor, debits_minor, entries FROM days
    UNION ALL
    SELECT 'category', merchant_id, day, currency, category, sum(credits_minor), sum(debits_minor),
        sum(entries)
    FROM lines GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT 'category', checked.merchant_id, checked.day, stored.*
    FROM checked CROSS JOIN LATERAL (
        SELECT currency, category, credits_minor, debits_minor, entries FROM category_totals
        WHERE (category_totals.merchant_id, category_totals.day) = (checked.merchant_id, checked.day)
        OFFSET 0
    ) AS stored
    UNION ALL
    SELECT 'month', checked.merchant_id, checked.day, month.*
    FROM checked CROSS JOIN LATERAL (
        SELECT currency, account, sum(credits_minor), sum(debits_minor), sum(entries)
        FROM day_totals WHERE day_totals.merchant_id = checked.merchant_id
            AND day_totals.day >= checked.day AND day_totals.day < checked.day + interval '1 month'
        GROUP BY 1, 2
        UNION ALL
        SELECT currency, account, credits_minor, debits_minor, entries
        FROM month_totals WHERE month_totals.merchant_id = checked.merchant_id
            AND month_totals.month = checked.day
    ) AS month
    WHERE extract(day FROM checked.day) = 1
    UNION ALL
    SELECT 'year', checked.merchant_id, checked.day, year.*
    FROM checked CROSS JOIN LATERAL (
        SELECT currency, account, sum(credits_minor), sum(debits_minor), sum(entries)
        FROM month_totals WHERE month_totals.merchant_id = checked.merchant_id
            AND month_totals.month >= checked.day
            AND month_totals.month < checked.day + interval '1 year'
        GROUP BY 1, 2
        UNION ALL
        SELECT currency, account, credits_minor, debits_minor, entries
        FROM year_totals WHERE year_totals.merchant_id = checked.merchant_id
            AND year_totals.year = checked.day
    ) AS year
    WHERE extract(doy FROM checked.day) = 1
),
-- A closing has a line's net amount and entries; a line that was never there is one of zeros.
unlike_closings AS (
    SELECT merchant_id, day FROM (
        SELECT merchant_id, day, currency, account, credits_minor - debits_minor AS net_minor,
            entries
        FROM days
        UNION ALL
        SELECT checked.merchant_id, checked.day, sealed.*
        FROM checked CROSS JOIN LATERAL (
            SELECT currency, account, -net_minor, -entries FROM closing_effects AS effect
            WHERE (effect.merchant_id, effect.day) = (checked.merchant_id, checked.day)
            OFFSET 0
        ) AS sealed
    ) AS stored_less_sealed
    WHERE NOT EXISTS (
        SELECT FROM unsealed_days AS changed
        WHERE (changed.merchant_id, changed.day)
            = (stored_less_sealed.merchant_id, stored_less_sealed.day)
    )
    GROUP BY merchant_id, day, currency, account HAVING sum(net_minor) <> 0 OR sum(entries) <> 0
)
SELECT merchant_id, json_agg(day ORDER BY day)::text FROM (
    SELECT merchant_id, day FROM both_sides
    GROUP BY total, merchant_id, day, currency, name, credits, debits, entries HAVING count(*) = 1
    UNION
    SELECT merchant_id, day FROM unlike_closings
) AS inconsistent
GROUP BY merchant_id
ORDER BY merchant_id
