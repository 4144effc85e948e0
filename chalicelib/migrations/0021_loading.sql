-- How an empty read model is loaded from the ledger: its entries first, and what follows from them
-- (indexes, totals, marks of days that are not sealed) afterwards.

-- What an unfinished rebuild does to a read model that began empty: null where it compares. While
-- entries are loaded, and until their totals are complete, no read is answered, because it would lack
-- entries.
ALTER TABLE unfinished_rebuild
    ADD COLUMN loads text COLLATE "C" CHECK (loads IN ('entries', 'totals'));
ALTER TABLE merchants NO FORCE ROW LEVEL SECURITY;
ALTER TABLE unfinished_rebuild NO FORCE ROW LEVEL SECURITY;
UPDATE unfinished_rebuild SET loads = 'entries' WHERE NOT EXISTS (SELECT FROM merchants);
ALTER TABLE unfinished_rebuild FORCE ROW LEVEL SECURITY;
ALTER TABLE merchants FORCE ROW LEVEL SECURITY;
GRANT UPDATE ON unfinished_rebuild TO livro_projector;
GRANT SELECT ON unfinished_rebuild TO livro_reader;
CREATE POLICY for_readers ON unfinished_rebuild FOR SELECT TO livro_reader USING (true);
CREATE POLICY for_the_owner ON unfinished_rebuild FOR SELECT TO livro_owner USING (true);

-- The indexes of entries, except those of its keys, are dropped while entries are loaded: to sort
-- all entries once takes less than to insert each. Only the owner of a table may do that, so
-- both functions have the owner's rights, and do nothing unless a load is under way.
CREATE TABLE dropped_indexes (
    name text COLLATE "C" PRIMARY KEY,
    definition text NOT NULL
);
ALTER TABLE dropped_indexes ENABLE ROW LEVEL SECURITY;
ALTER TABLE dropped_indexes FORCE ROW LEVEL SECURITY;
CREATE POLICY for_the_owner ON dropped_indexes TO livro_owner USING (true) WITH CHECK (true);

CREATE FUNCTION drop_entry_indexes() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = read_model, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM unfinished_rebuild WHERE loads = 'entries') THEN
        RETURN;
    END IF;
    LOCK TABLE entries IN ACCESS EXCLUSIVE MODE;
    INSERT INTO dropped_indexes
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = 'entries'::regclass AND NOT indisunique
    ON CONFLICT (name) DO NOTHING;
    EXECUTE (
        SELECT coalesce(string_agg(format('DROP INDEX IF EXISTS %s', name), ';'), '')
        FROM dropped_indexes
    );
END
$$;

-- Builds one of the dropped indexes again, and returns how many are left: each is committed alone.
CREATE FUNCTION build_entry_index() RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = read_model, pg_temp AS $$
DECLARE
    next_one dropped_indexes;
BEGIN
    LOCK TABLE dropped_indexes IN EXCLUSIVE MODE;
    SELECT * INTO next_one FROM dropped_indexes ORDER BY name LIMIT 1;
    IF FOUND THEN
        IF to_regclass(next_one.name) IS NULL THEN
            EXECUTE next_one.definition;
        END IF;
        DELETE FROM dropped_indexes WHERE name = next_one.name;
    END IF;
    RETURN (SELECT count(*) FROM dropped_indexes);
END
$$;

-- While entries are loaded, days are marked once at the end instead of with each statement.
CREATE OR REPLACE FUNCTION mark_unsealed_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('app.loading', true) = 'on' THEN
        RETURN NULL;
    END IF;
    INSERT INTO unsealed_days AS known (merchant_id, day, mark)
    SELECT merchant_id, day, nextval('unsealed_marks')
    FROM (SELECT DISTINCT merchant_id, day FROM added ORDER BY merchant_id, day) AS days
    ON CONFLICT (merchant_id, day) DO UPDATE SET mark = excluded.mark;
    RETURN NULL;
END
$$;

-- Corrections wait beside the entries that are loaded, and are applied with the totals; so a load
-- changes no total without the lock of its merchant.
CREATE INDEX early_corrections_by_merchant ON early_corrections (merchant_id);
CREATE OR REPLACE FUNCTION apply_early_corrections() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry_ids text[];
    numbers integer[];
    categories text[];
BEGIN
    IF current_setting('app.loading', true) = 'on' THEN
        RETURN NULL;
    END IF;
    WITH taken AS (
        DELETE FROM early_corrections AS early USING added
        WHERE early.entry_id = added.entry_id
        RETURNING early.entry_id, early.correction, early.category
    )
    SELECT array_agg(taken.entry_id), array_agg(taken.correction), array_agg(taken.category)
    INTO entry_ids, numbers, categories FROM taken;
    IF entry_ids IS NOT NULL THEN
        PERFORM apply_corrections(entry_ids, numbers, categories);
    END IF;
    RETURN NULL;
END
$$;

REVOKE EXECUTE ON FUNCTION drop_entry_indexes, build_entry_index FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_entry_indexes, build_entry_index TO livro_projector;
