-- Merchants of which the read model has nothing of a day, and never had: no entry, no total, no mark
-- and no closing. The totals of the day's month and year must be the sums of their parts.

SELECT merchant_id FROM unnest(CAST(:merchants AS text[])) AS merchant (merchant_id)
WHERE NOT EXISTS (SELECT FROM entries
        WHERE (entries.merchant_id, entries.day) = (merchant.merchant_id, CAST(:day AS date)))
    AND NOT EXISTS (SELECT FROM unsealed_days AS changed
        WHERE (changed.merchant_id, changed.day) = (merchant.merchant_id, CAST(:day AS date)))
    AND NOT EXISTS (SELECT FROM closings
        WHERE (closings.merchant_id, closings.day) = (merchant.merchant_id, CAST(:day AS date)))
    AND NOT EXISTS (SELECT FROM sealed_entries AS sealed
        WHERE (sealed.merchant_id, sealed.day) = (merchant.merchant_id, CAST(:day AS date)))
    AND NOT EXISTS (SELECT FROM category_totals AS total
        WHERE (total.merchant_id, total.day) = (merchant.merchant_id, CAST(:day AS date)))
    AND NOT EXISTS (SELECT FROM day_totals AS total
        WHERE (total.merchant_id, total.day) = (merchant.merchant_id, CAST(:day AS date)))
    AND NOT EXISTS (
        SELECT FROM (
            SELECT currency, account, credits_minor, debits_minor, entries FROM month_totals
            WHERE month_totals.merchant_id = merchant.merchant_id
                AND month = date_trunc('month', CAST(:day AS timestamp))::date
            UNION ALL
            SELECT currency, account, -credits_minor, -debits_minor, -entries FROM day_totals
            WHERE day_totals.merchant_id = merchant.merchant_id
                AND day >= date_trunc('month', CAST(:day AS timestamp))
                AND day < date_trunc('month', CAST(:day AS timestamp)) + interval '1 month'
        ) AS of_month
        GROUP BY currency, account
        HAVING sum(credits_minor) <> 0 OR sum(debits_minor) <> 0 OR sum(entries) <> 0
    )
    AND NOT EXISTS (
        SELECT FROM (
            SELECT currency, account, credits_minor, debits_minor, entries FROM year_totals
            WHERE year_totals.merchant_id = merchant.merchant_id
                AND year = date_trunc('year', CAST(:day AS timestamp))::date
            UNION ALL
            SELECT currency, account, -credits_minor, -debits_minor, -entries FROM month_totals
            WHERE month_totals.merchant_id = merchant.merchant_id
                AND month >= date_trunc('year', CAST(:day AS timestamp))
                AND month < date_trunc('year', CAST(:day AS timestamp)) + interval '1 year'
        ) AS of_year
        GROUP BY currency, account
        HAVING sum(credits_minor) <> 0 OR sum(debits_minor) <> 0 OR sum(entries) <> 0
    )
