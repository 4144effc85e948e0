-- What the query side asks of closings, as in 0003: one merchant a statement, JSON out.

-- Where days stand that were closed at least once: [day, newest version, changed since].
CREATE FUNCTION day_standings(of_merchant text, first_day date, last_day date) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        SELECT coalesce(json_agg(json_build_array(day, version, EXISTS (
            SELECT FROM unsealed_days AS changed
            WHERE changed.merchant_id = of_merchant AND changed.day = newest.day
        ))), '[]')
        FROM (
            SELECT day, max(version) AS version FROM closings
            WHERE merchant_id = of_merchant AND day BETWEEN first_day AND last_day
            GROUP BY day
        ) AS newest
    );
END
$$;

-- All versions of a day, newest first, each byte for byte as it was sealed.
CREATE FUNCTION day_closings(of_merchant text, of_day date) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        SELECT '[' || coalesce(string_agg(published, ',' ORDER BY version DESC), '') || ']'
        FROM closings WHERE merchant_id = of_merchant AND day = of_day
    );
END
$$;

-- Up to page_size entries that a version holds, in the order of the tree, from just above an id on;
-- one more says that there is a next page. `exists` tells a day without that version from an end.
CREATE FUNCTION closing_entries(
    of_merchant text, of_day date, of_version integer, above text, page_size integer
) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        WITH page AS MATERIALIZED (
            SELECT entry_id FROM sealed_entries
            WHERE merchant_id = of_merchant AND day = of_day AND version <= of_version
                AND entry_id > above
            ORDER BY entry_id LIMIT page_size + 1
        )
        SELECT json_build_object(
            'exists', EXISTS (SELECT FROM closings WHERE merchant_id = of_merchant
                AND day = of_day AND version = of_version),
            'items', (SELECT coalesce(json_agg(json_build_array(
                held.entry_id, held.type, held.amount_minor, held.currency, held.account,
                held.day, held.occurred_at, held.recorded_at, held.reverses, held.text_digest
                ) ORDER BY held.entry_id), '[]')
                FROM page JOIN entries AS held USING (entry_id)
                WHERE held.merchant_id = of_merchant),
            'secret', (SELECT encode(secret, 'hex') FROM cursor_key)
        )
    );
END
$$;

-- The ids of the keys that ever sealed a closing of the merchant.
CREATE FUNCTION closing_keys(of_merchant text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    RETURN (
        SELECT coalesce(json_agg(key_id ORDER BY key_id), '[]')
        FROM (SELECT DISTINCT key_id FROM closings WHERE merchant_id = of_merchant) AS used
    );
END
$$;

REVOKE EXECUTE ON FUNCTION day_standings, day_closings, closing_entries, closing_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION day_standings, day_closings, closing_entries, closing_keys
    TO livro_reader;
