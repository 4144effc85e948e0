-- What the query side asks: one call, one statement, one answer in JSON a request.
--
-- Each function names its merchant to row-level security for this statement alone (the third
-- argument of set_config), so that nothing of it is left for the connection's next request. JSON
-- text keeps integers exact, however large. `as_of` is when the newest entry in here was recorded.

-- The opening balance of first_day, and the totals of each day with entries up to last_day.
-- No more rows are read an account than there are years, 12 months and 31 days before first_day,
-- and the days asked for. Every account name lies between '' and '~'.
CREATE FUNCTION daily_balances(
    of_merchant text, first_day date, last_day date, one_account text, in_currency text,
    after_entry text
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
            SELECT credits_minor - debits_minor AS net_minor FROM year_totals
            WHERE merchant_id = of_merchant AND currency = in_currency
                AND year < this_year AND account BETWEEN lowest AND highest
            UNION ALL
            SELECT credits_minor - debits_minor FROM month_totals
            WHERE merchant_id = of_merchant AND currency = in_currency
                AND month >= this_year AND month < this_month
                AND account BETWEEN lowest AND highest
            UNION ALL
            SELECT credits_minor - debits_minor FROM day_totals
            WHERE merchant_id = of_merchant AND currency = in_currency
                AND day >= this_month AND day < first_day
                AND account BETWEEN lowest AND highest
        ),
        asked AS (
            SELECT day, sum(credits_minor) AS credits, sum(debits_minor) AS debits,
                sum(entries) AS entries
            FROM day_totals
            WHERE merchant_id = of_merchant AND currency = in_currency
                AND day BETWEEN first_day AND last_day
                AND account BETWEEN lowest AND highest
            GROUP BY day
        )
        SELECT json_build_object(
            'opening', (SELECT coalesce(sum(net_minor), 0) FROM earlier),
            'days', (SELECT coalesce(
                json_agg(json_build_array(day, credits, debits, entries)), '[]') FROM asked),
            'as_of', (SELECT newest_recorded_at FROM merchants WHERE merchant_id = of_merchant),
            'complete', after_entry IS NOT NULL AND EXISTS (
                SELECT FROM entries WHERE entry_id = after_entry AND merchant_id = of_merchant)
        )
    );
END
$$;

-- Credits, debits and entries by day, week (from Monday) or month, and by category, account or
-- nothing. A period is told by its first day, a missing category by null.
CREATE FUNCTION cash_flow(
    of_merchant text, first_day date, last_day date, by_period text, by_group text,
    in_currency text
) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        WITH chosen AS (
            SELECT day, nullif(category, '') AS name, credits_minor, debits_minor, entries
            FROM category_totals
            WHERE by_group = 'category' AND merchant_id = of_merchant AND currency = in_currency
                AND day BETWEEN first_day AND last_day
            UNION ALL
            SELECT day, CASE by_group WHEN 'account' THEN account END,
                credits_minor, debits_minor, entries
            FROM day_totals
            WHERE by_group <> 'category' AND merchant_id = of_merchant AND currency = in_currency
                AND day BETWEEN first_day AND last_day
        ),
        summed AS (
            SELECT date_trunc(by_period, day::timestamp)::date AS period, name,
                sum(credits_minor) AS credits, sum(debits_minor) AS debits,
                sum(entries) AS entries
            FROM chosen
            GROUP BY period, name
        )
        SELECT json_build_object(
            'items', (SELECT coalesce(json_agg(
                json_build_array(period, name, credits, debits, entries)
                ORDER BY period, name NULLS LAST), '[]') FROM summed),
            'as_of', (SELECT newest_recorded_at FROM merchants WHERE merchant_id = of_merchant)
        )
    );
END
$$;

-- One page of entries, newest first, from just below the key (before_day, before_instant,
-- before_entry) on; one entry more than page_size says that there is a next page. At most look_at
-- entries are looked at, so that a search for something rare stays short: `looked_to` is then the
-- key of the last one, where the next page goes on. `secret` is the key that cursors are sealed with.
CREATE FUNCTION entry_page(
    of_merchant text, from_day date, to_day date, one_account text, one_currency text,
    one_type text, one_category text, sought text,
    before_day date, before_instant timestamptz, before_entry text,
    page_size integer, look_at integer
) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    lowest CONSTANT date := coalesce(from_day, '-infinity');
    highest CONSTANT date := coalesce(to_day, 'infinity');
    key_day CONSTANT date := coalesce(before_day, 'infinity');
    key_instant CONSTANT timestamptz := coalesce(before_instant, 'infinity');
    key_entry CONSTANT text := coalesce(before_entry, '');
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        WITH page AS MATERIALIZED (
            SELECT * FROM (
                SELECT * FROM entries
                WHERE merchant_id = of_merchant AND day BETWEEN lowest AND highest
                    AND (day, occurred_instant, entry_id) < (key_day, key_instant, key_entry)
                ORDER BY day DESC, occurred_instant DESC, entry_id DESC
                LIMIT look_at
            ) AS looked
            WHERE (one_account IS NULL OR account = one_account)
                AND (one_currency IS NULL OR currency = one_currency)
                AND (one_type IS NULL OR type = one_type)
                AND (one_category IS NULL OR category = one_category)
                AND (sought IS NULL OR strpos(search_text, sought) > 0)
            LIMIT page_size + 1
        )
        SELECT json_build_object(
            'secret', (SELECT encode(secret, 'hex') FROM cursor_key),
            'items', (SELECT coalesce(json_agg(json_build_object(
                'entry_id', entry_id, 'type', type, 'amount_minor', amount_minor,
                'currency', currency, 'account', account, 'day', day,
                'occurred_at', occurred_at, 'occurred_instant', occurred_instant,
                'recorded_at', recorded_at, 'recorded_by', recorded_by,
                'category', category, 'description', description, 'metadata', metadata,
                'text_digest', text_digest, 'reverses', reverses, 'reversed_by', (
                    SELECT reversal.entry_id FROM entries AS reversal
                    WHERE reversal.reverses = page.entry_id LIMIT 1)
                ) ORDER BY day DESC, occurred_instant DESC, entry_id DESC), '[]') FROM page),
            'looked_to', CASE WHEN (SELECT count(*) FROM page) <= page_size THEN (
                SELECT json_build_array(day, occurred_instant, entry_id) FROM entries
                WHERE merchant_id = of_merchant AND day BETWEEN lowest AND highest
                    AND (day, occurred_instant, entry_id) < (key_day, key_instant, key_entry)
                ORDER BY day DESC, occurred_instant DESC, entry_id DESC
                LIMIT 1 OFFSET look_at - 1) END
        )
    );
END
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA read_model FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA read_model TO livro_reader;
