-- The roots of the subtrees of closings with many leaves, so that a page of leaves and a proof read
-- and hash at most two subtrees of 256 leaves. They hold neither texts nor salts.

CREATE TABLE closing_subtrees (
    merchant_id text COLLATE "C",
    day date,
    version integer,
    last_entry text COLLATE "C", -- the id of the subtree's last entry
    root text COLLATE "C" NOT NULL, -- SHA-256 in hexadecimal
    PRIMARY KEY (merchant_id, day, version, last_entry)
);

CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON closing_subtrees
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE closing_subtrees ENABLE ROW LEVEL SECURITY;
ALTER TABLE closing_subtrees FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON closing_subtrees TO livro_closer;
GRANT SELECT ON closing_subtrees TO livro_reader;
CREATE POLICY of_all_merchants ON closing_subtrees TO livro_closer
    USING (true) WITH CHECK (true);
CREATE POLICY of_one_merchant ON closing_subtrees FOR SELECT TO livro_reader
    USING (merchant_id = current_setting('app.merchant', true));

-- A version's subtrees, and the entries of two of them: of the one that an id follows, and of the
-- next. For a version without subtrees, up to page_size entries from the first one on, and one more
-- if there are more. `entries_root` is null if there is no such version.
CREATE FUNCTION closing_leaves(
    of_merchant text, of_day date, of_version integer, above text, page_size integer
) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    subtrees json;
    entries json;
BEGIN
    PERFORM set_config('app.merchant', of_merchant, true);
    subtrees := (
        SELECT json_agg(json_build_array(last_entry, root) ORDER BY last_entry)
        FROM closing_subtrees
        WHERE merchant_id = of_merchant AND day = of_day AND version = of_version
    );
    entries := closing_entries(
        of_merchant, of_day, of_version,
        coalesce((
            SELECT max(last_entry) FROM closing_subtrees
            WHERE merchant_id = of_merchant AND day = of_day AND version = of_version
                AND last_entry <= above
        ), ''),
        CASE WHEN subtrees IS NULL THEN page_size ELSE 511 END
    )::json;
    RETURN json_build_object(
        'entries_root', (
            SELECT published::json ->> 'entries_root' FROM closings
            WHERE merchant_id = of_merchant AND day = of_day AND version = of_version
        ),
        'subtrees', coalesce(subtrees, '[]'),
        'items', entries -> 'items',
        'secret', entries -> 'secret'
    );
END
$$;

REVOKE EXECUTE ON FUNCTION closing_leaves FROM PUBLIC;
GRANT EXECUTE ON FUNCTION closing_leaves TO livro_reader;
