-- Lists and statements with current categories, beside the recorded ones.

-- One page of entries, newest first, from just below the key (before_day, before_instant, when
-- before_entry was recorded, before_entry) on; one entry more than page_size says that there is a
-- next page. At most look_at entries are scanned, so that a search for something rare stays short:
-- `looked_to` is then the key of the last one, where the next page continues. That one is in `page`
-- whether it matches or not. one_category '' selects the entries without a category. `secret` is the
-- key that signs cursors.
--
-- The key is the only upper bound, and to_day is one too: without a cursor the key is its end. Next
-- to another upper bound, PostgreSQL starts a scan there and reads every entry down to the key.
-- Without enable_sort = off it would read and sort all entries of a merchant that has fewer than
-- look_at, because it plans for all that may be scanned.
CREATE OR REPLACE FUNCTION entry_page(
    of_merchant text, from_day date, to_day date, one_account text, one_currency text,
    one_type text, one_category text, sought text,
    before_day date, before_instant timestamptz, before_entry text,
    page_size integer, look_at integer
) RETURNS text LANGUAGE plpgsql STABLE SET enable_sort = off AS $$
DECLARE
    lowest CONSTANT date := coalesce(from_day, '-infinity');
    key_day CONSTANT date := coalesce(before_day, to_day, 'infinity');
    key_instant CONSTANT timestamptz := coalesce(before_instant, 'infinity');
    key_recorded timestamptz;
    key_entry CONSTANT text := coalesce(before_entry, '');
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    key_recorded := coalesce(
        (SELECT recorded_at FROM entries WHERE entry_id = before_entry), 'infinity');
    RETURN (
        WITH page AS MATERIALIZED (
            SELECT * FROM (
                SELECT *, row_number() OVER () AS place, coalesce(
                    (one_account IS NULL OR account = one_account)
                    AND (one_currency IS NULL OR currency = one_currency)
                    AND (one_type IS NULL OR type = one_type)
                    AND (one_category IS NULL OR coalesce(current, '') = one_category)
                    AND (sought IS NULL OR strpos(search_text, sought) > 0), false) AS is_match
                FROM (
                    SELECT *, current_category(entries) AS current FROM entries
                    WHERE merchant_id = of_merchant AND day >= lowest
                        AND (day, occurred_instant, recorded_at, entry_id)
                            < (key_day, key_instant, key_recorded, key_entry)
                    ORDER BY day DESC, occurred_instant DESC, recorded_at DESC, entry_id DESC
                    LIMIT look_at
                ) AS scanned
            ) AS numbered
            WHERE is_match OR place = look_at
            LIMIT page_size + 1
        )
        SELECT json_build_object(
            'secret', (SELECT encode(secret, 'hex') FROM cursor_key),
            'items', (SELECT coalesce(json_agg(json_build_object(
                'entry_id', entry_id, 'type', type, 'amount_minor', amount_minor,
                'currency', currency, 'account', account, 'day', day,
                'occurred_at', occurred_at, 'occurred_instant', occurred_instant,
                'recorded_at', recorded_at, 'recorded_by', recorded_by,
                'category', current, 'recorded_category', category,
                'description', description, 'metadata', metadata,
                'text_digest', text_digest, 'reverses', reverses, 'reversed_by', (
                    SELECT reversal.entry_id FROM entries AS reversal
                    WHERE reversal.reverses = page.entry_id LIMIT 1)
                ) ORDER BY day DESC, occurred_instant DESC, recorded_at DESC, entry_id DESC),
                '[]') FROM page WHERE is_match),
            'looked_to', CASE WHEN (SELECT count(*) FROM page WHERE is_match) <= page_size THEN (
                SELECT json_build_array(day, occurred_instant, entry_id) FROM page
                WHERE place = look_at) END
        )
    );
END
$$;

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
                'recorded_by', recorded_by, 'category', CASE WHEN correction IS NULL
                    THEN category ELSE corrected_category END,
                'recorded_category', category, 'description', description,
                'text_digest', text_digest, 'reverses', reverses, 'reversed_by', (
                    SELECT reversal.entry_id FROM entries AS reversal
                    WHERE reversal.reverses = listed.entry_id LIMIT 1)
                ) ORDER BY day, occurred_instant, recorded_at, entry_id), '[]') FROM listed),
            'as_of', (SELECT newest_recorded_at FROM merchants WHERE merchant_id = of_merchant)
        )
    );
END
$$;
