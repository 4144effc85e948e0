-- What a preview of a bank file reads: entries that may be the same as its rows, the balances of the
-- accounts, and which accounts there are.

-- The ids of the entries that may be the same as each movement (an account, a currency, a day and a
-- signed amount), at most `most` of each: entries recorded by hand on days near it, and imported
-- ones of its day. The ledger is the authority on which are imported; metadata may be erased.
-- Reversals and reversed entries are left out. It reads entries of these amounts alone.
CREATE OR REPLACE FUNCTION possible_entries(
    of_merchant text, accounts text[], currencies text[], days date[], amounts bigint[],
    days_apart integer, most integer
) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        WITH movements AS (
            SELECT * FROM unnest(accounts, currencies, days, amounts)
                WITH ORDINALITY AS sent (account, currency, day, amount, place)
        ),
        found AS (
            SELECT place, (
                SELECT json_agg(entry_id) FROM (
                    SELECT entry_id FROM entries
                    WHERE merchant_id = of_merchant AND account = movements.account
                        AND amount_minor = abs(movements.amount)
                        AND day BETWEEN movements.day - days_apart AND movements.day + days_apart
                        AND currency = movements.currency
                        AND type = CASE WHEN movements.amount > 0 THEN 'credit' ELSE 'debit' END
                        AND reverses IS NULL
                        AND (day = movements.day OR NOT metadata ? 'import')
                        AND (SELECT reversal.entry_id FROM entries AS reversal
                            WHERE reversal.reverses = entries.entry_id LIMIT 1) IS NULL
                    ORDER BY metadata ? 'import', abs(day - movements.day), entry_id
                    LIMIT most
                ) AS nearest
            ) AS entry_ids
            FROM movements
        )
        SELECT coalesce(json_agg(json_build_array(place, entry_ids)), '[]') FROM found
        WHERE entry_ids IS NOT NULL
    );
END
$$;

-- For each account, currency and range of days: the balance before its first day, whether there is
-- an entry before it, and what each day with entries changes it by.
CREATE OR REPLACE FUNCTION account_days(
    of_merchant text, accounts text[], currencies text[], first_days date[], last_days date[]
) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        WITH spans AS (
            SELECT *, date_trunc('year', first_day::timestamp)::date AS this_year,
                date_trunc('month', first_day::timestamp)::date AS this_month
            FROM unnest(accounts, currencies, first_days, last_days)
                WITH ORDINALITY AS sent (account, currency, first_day, last_day, place)
        )
        SELECT coalesce(json_agg(json_build_array(opening, has_earlier, changes) ORDER BY place), '[]')
        FROM spans
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(net_minor), 0) AS opening, count(*) > 0 AS has_earlier FROM (
                SELECT credits_minor - debits_minor AS net_minor FROM year_totals
                WHERE merchant_id = of_merchant AND currency = spans.currency
                    AND account = spans.account AND year < this_year
                UNION ALL
                SELECT credits_minor - debits_minor FROM month_totals
                WHERE merchant_id = of_merchant AND currency = spans.currency
                    AND account = spans.account AND month >= this_year AND month < this_month
                UNION ALL
                SELECT credits_minor - debits_minor FROM day_totals
                WHERE merchant_id = of_merchant AND currency = spans.currency
                    AND account = spans.account AND day >= this_month AND day < first_day
            ) AS totals
        ) AS earlier
        CROSS JOIN LATERAL (
            SELECT coalesce(
                json_agg(json_build_array(day, credits_minor - debits_minor)), '[]') AS changes
            FROM day_totals
            WHERE merchant_id = of_merchant AND currency = spans.currency
                AND account = spans.account AND day BETWEEN first_day AND last_day
        ) AS later
    );
END
$$;

-- The accounts that have entries, in order; no more rows are read than accounts have years.
CREATE OR REPLACE FUNCTION entry_accounts(of_merchant text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        SELECT coalesce(json_agg(account ORDER BY account), '[]') FROM (
            SELECT DISTINCT account FROM year_totals WHERE merchant_id = of_merchant
        ) AS known
    );
END
$$;

REVOKE EXECUTE ON FUNCTION possible_entries, account_days, entry_accounts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION possible_entries, account_days, entry_accounts TO livro_reader;
