-- What a statement reads does not grow with the entries that are not in it.
--
-- The opening balance of each account before first_day; the totals and newest closing of each day;
-- and the entries, oldest first, unless the totals have more than most_entries. Of one account,
-- only days are read on which it has totals, because no index leads to an account's entries.
-- Opening balances read no more rows an account than there are years, 12 months and 31 days.
CREATE OR REPLACE FUNCTION statement_rows(
    of_merchant text, first_day date, last_day date, one_account text, in_currency text,
    most_entries integer
) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    lowest CONSTANT text := coalesce(one_account, '');
    highest CONSTANT text := coalesce(one_account, '~');
    this_year CONSTANT date := date_trunc('year', first_day::timestamp);
    this_month CONSTANT date := date_trunc('month', first_day::timestamp);
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        WITH earlier AS (
            SELECT account, credits_minor - debits_minor AS net_minor FROM year_totals
            WHERE merchant_id = of_merchant AND currency = in_currency
                AND year < this_year AND account BETWEEN lowest AND highest
            UNION ALL
            SELECT account, credits_minor - debits_minor FROM month_totals
            WHERE merchant_id = of_merchant AND currency = in_currency
                AND month >= this_year AND month < this_month
                AND account BETWEEN lowest AND highest
            UNION ALL
            SELECT account, credits_minor - debits_minor FROM day_totals
            WHERE merchant_id = of_merchant AND currency = in_currency
                AND day >= this_month AND day < first_day
                AND account BETWEEN lowest AND highest
        ),
        openings AS (
            SELECT account, sum(net_minor) AS minor FROM earlier GROUP BY account
        ),
        of_days AS (
            SELECT day, sum(credits_minor) AS credits, sum(debits_minor) AS debits,
                sum(entries) AS entries
            FROM day_totals
            WHERE merchant_id = of_merchant AND currency = in_currency
                AND day BETWEEN first_day AND last_day
                AND account BETWEEN lowest AND highest
            GROUP BY day
        ),
        seals AS (
            SELECT DISTINCT ON (day) day, version, published::jsonb AS sealed, EXISTS (
                SELECT FROM unsealed_days AS changed
                WHERE changed.merchant_id = of_merchant AND changed.day = closings.day
            ) AS is_changed
            FROM closings
            WHERE merchant_id = of_merchant AND day BETWEEN first_day AND last_day
            ORDER BY day, version DESC
        ),
        listed AS (
            SELECT * FROM (
                SELECT * FROM entries
                WHERE one_account IS NULL AND merchant_id = of_merchant
                    AND day BETWEEN first_day AND last_day AND currency = in_currency
                UNION ALL
                SELECT of_account.* FROM of_days CROSS JOIN LATERAL (
                    SELECT * FROM entries
                    WHERE merchant_id = of_merchant AND entries.day = of_days.day
                        AND currency = in_currency AND account = one_account
                    OFFSET 0
                ) AS of_account
                WHERE one_account IS NOT NULL
            ) AS of_all_or_one
            ORDER BY day, occurred_instant, recorded_at, entry_id
            LIMIT (SELECT CASE WHEN sum(entries) <= most_entries THEN most_entries + 1 ELSE 0 END
                FROM of_days)
        )
        SELECT json_build_object(
            'openings', (SELECT coalesce(json_object_agg(account, minor), '{}') FROM openings),
            'days', (SELECT coalesce(
                json_agg(json_build_array(day, credits, debits, entries)), '[]') FROM of_days),
            'seals', (SELECT coalesce(json_agg(json_build_array(
                day, version, is_changed, sealed -> 'sequence', sealed -> 'root',
                sealed -> 'signature', sealed -> 'key_id')), '[]') FROM seals),
            'entries', (SELECT coalesce(json_agg(json_build_object(
                'entry_id', entry_id, 'type', type, 'amount_minor', amount_minor,
                'currency', currency, 'account', account, 'day', day,
                'occurred_at', occurred_at, 'recorded_at', recorded_at,
                'recorded_by', recorded_by, 'category', category, 'description', description,
                'text_digest', text_digest, 'reverses', reverses, 'reversed_by', (
                    SELECT reversal.entry_id FROM entries AS reversal
                    WHERE reversal.reverses = listed.entry_id LIMIT 1)
                ) ORDER BY day, occurred_instant, recorded_at, entry_id), '[]') FROM listed),
            'as_of', (SELECT newest_recorded_at FROM merchants WHERE merchant_id = of_merchant)
        )
    );
END
$$;
