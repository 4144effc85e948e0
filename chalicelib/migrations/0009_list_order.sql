-- Lists of entries in the order of their day, their moment, when they were recorded, and their id.
--
-- A cursor names the last entry of its page by day, moment and id. When that entry was recorded is
-- looked up, so a cursor has the same content as before. One of the earlier order would repeat or
-- omit entries of one moment, so all cursors get a new key, by which earlier ones are rejected.

ALTER TABLE cursor_key NO FORCE ROW LEVEL SECURITY;
UPDATE cursor_key SET secret = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
ALTER TABLE cursor_key FORCE ROW LEVEL SECURITY;

-- One page of entries, newest first, from just below the key (before_day, before_instant, when
-- before_entry was recorded, before_entry) on; one entry more than page_size says that there is a
-- next page. At most look_at entries are scanned, so that a search for something rare stays short:
-- `looked_to` is then the key of the last one, where the next page continues. That one is in `page`
-- whether it matches or not. `secret` is the key that signs cursors.
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
                    AND (one_category IS NULL OR category = one_category)
                    AND (sought IS NULL OR strpos(search_text, sought) > 0), false) AS is_match
                FROM (
                    SELECT * FROM entries
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
                'category', category, 'description', description, 'metadata', metadata,
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
