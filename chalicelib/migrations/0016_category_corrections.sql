-- Corrections of categories: an entry's row keeps the category as it was recorded, which is part of
-- its content digest, and has the number and the category of its newest correction beside it.

ALTER TABLE entries
    ADD COLUMN correction integer,
    ADD COLUMN corrected_category text COLLATE "C";

-- The category that reads return. PostgreSQL replaces the call by the expression.
CREATE FUNCTION current_category(entry entries) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN entry.correction IS NULL THEN entry.category ELSE entry.corrected_category END
$$;

-- Corrections that arrived before their entry: the stream orders only the records of one item.
CREATE TABLE early_corrections (
    entry_id text COLLATE "C" PRIMARY KEY,
    merchant_id text COLLATE "C" NOT NULL,
    correction integer NOT NULL,
    category text COLLATE "C"
);

-- An entry's columns as the projection writes them; those of corrections are written apart.
CREATE TYPE incoming_entry AS (
    entry_id text COLLATE "C", merchant_id text COLLATE "C", type text COLLATE "C",
    amount_minor bigint, currency text COLLATE "C", account text COLLATE "C", day date,
    occurred_at text, occurred_instant timestamptz, recorded_at timestamptz, recorded_by text,
    category text COLLATE "C", description text, search_text text COLLATE "C", metadata jsonb,
    reverses text COLLATE "C", text_digest text, content_digest text
);
DROP FUNCTION incoming_entries;
CREATE FUNCTION incoming_entries(
    entry_ids text[], merchants text[], entry_types text[], amounts bigint[], currencies text[],
    accounts text[], days date[], occurred_texts text[], occurred_instants timestamptz[],
    recorded_instants timestamptz[], recorders text[], categories text[], descriptions text[],
    search_texts text[], metadata_texts text[], reversed_ids text[], text_digests text[],
    content_digests text[]
) RETURNS SETOF incoming_entry LANGUAGE sql STABLE AS $$
    SELECT unnest(entry_ids), unnest(merchants), unnest(entry_types), unnest(amounts),
        unnest(currencies), unnest(accounts), unnest(days), unnest(occurred_texts),
        unnest(occurred_instants), unnest(recorded_instants), unnest(recorders),
        unnest(categories), unnest(descriptions), unnest(search_texts),
        unnest(metadata_texts)::jsonb, unnest(reversed_ids), unnest(text_digests),
        unnest(content_digests)
$$;

-- Give entries of the read model the categories of corrections, where these are newer than what
-- they have, and move their amounts between the totals of categories. Returns how many were newer.
-- The caller has locked the merchants' rows, so no total of theirs changes meanwhile.
CREATE FUNCTION apply_corrections(entry_ids text[], numbers integer[], categories text[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    applied bigint;
BEGIN
    WITH given AS (
        SELECT * FROM unnest(entry_ids, numbers, categories) AS given (entry_id, number, category)
    ),
    earlier AS MATERIALIZED (
        SELECT entries.*, current_category(entries) AS former, given.number,
            given.category AS latter
        FROM entries JOIN given USING (entry_id)
        WHERE given.number > coalesce(entries.correction, 0)
        ORDER BY entry_id FOR UPDATE OF entries
    ),
    corrected AS (
        UPDATE entries SET correction = earlier.number, corrected_category = earlier.latter
        FROM earlier WHERE entries.entry_id = earlier.entry_id
    ),
    moves AS (
        SELECT merchant_id, currency, day, coalesce(name, '') AS category,
            sum(CASE type WHEN 'credit' THEN amount_minor ELSE 0 END * direction) AS credits,
            sum(CASE type WHEN 'debit' THEN amount_minor ELSE 0 END * direction) AS debits,
            sum(direction) AS entries
        FROM earlier CROSS JOIN LATERAL (VALUES (former, -1), (latter, 1)) AS move (name, direction)
        WHERE former IS DISTINCT FROM latter
        GROUP BY 1, 2, 3, 4
    ),
    moved AS (
        INSERT INTO category_totals AS total
        SELECT * FROM moves WHERE credits <> 0 OR debits <> 0 OR entries <> 0 ORDER BY 1, 2, 3, 4
        ON CONFLICT (merchant_id, currency, day, category) DO UPDATE SET
            credits_minor = total.credits_minor + excluded.credits_minor,
            debits_minor = total.debits_minor + excluded.debits_minor,
            entries = total.entries + excluded.entries
    )
    SELECT count(*) INTO applied FROM earlier;
    -- Totals of no entry do not exist.
    DELETE FROM category_totals AS total USING (
        SELECT DISTINCT merchant_id, currency, day FROM entries
        WHERE entry_id = ANY (entry_ids)
    ) AS touched
    WHERE (total.merchant_id, total.currency, total.day)
        = (touched.merchant_id, touched.currency, touched.day) AND total.entries = 0;
    RETURN applied;
END
$$;

-- The same for the corrections of any entries, and keep those that arrived before their entry.
-- Each statement in here sees what was committed before it, so that together with the lock of the
-- merchants' rows an entry that is being inserted meets its correction here or in the trigger.
CREATE FUNCTION correct_categories(
    entry_ids text[], merchants text[], numbers integer[], categories text[]
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    kept bigint;
BEGIN
    INSERT INTO merchants (merchant_id)
    SELECT DISTINCT given COLLATE "C" FROM unnest(merchants) AS given ORDER BY 1
    ON CONFLICT (merchant_id) DO UPDATE SET newest_recorded_at = merchants.newest_recorded_at;
    INSERT INTO early_corrections AS early
    SELECT given.* FROM unnest(entry_ids, merchants, numbers, categories)
        AS given (entry_id, merchant_id, correction, category)
    WHERE NOT EXISTS (SELECT FROM entries WHERE entries.entry_id = given.entry_id)
    ORDER BY entry_id COLLATE "C"
    ON CONFLICT (entry_id) DO UPDATE SET correction = excluded.correction,
        category = excluded.category
    WHERE early.correction < excluded.correction;
    GET DIAGNOSTICS kept = ROW_COUNT;
    RETURN kept + apply_corrections(entry_ids, numbers, categories);
END
$$;

-- Entries that are inserted take the corrections that arrived before them.
CREATE FUNCTION apply_early_corrections() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    entry_ids text[];
    numbers integer[];
    categories text[];
BEGIN
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

CREATE TRIGGER apply_early_corrections AFTER INSERT ON entries
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION apply_early_corrections();

-- The same totals of some merchants, computed from their entries. Every entry passes through
-- `lines`, so that query computes debits as the sum less the credits, and a missing category is
-- replaced only afterwards. Months are summed from days, and years from months.
CREATE OR REPLACE FUNCTION counted_totals(of_merchants text[]) RETURNS SETOF stored_totals
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH lines AS MATERIALIZED (
        SELECT merchant_id, currency, day, account,
            current_category(entries) AS category, sum(amount_minor) AS amounts,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS credits,
            count(*) AS entries, max(recorded_at) AS newest
        FROM entries WHERE merchant_id = ANY (of_merchants)
        GROUP BY merchant_id, currency, day, account, current_category(entries)
    ),
    days AS MATERIALIZED (
        SELECT merchant_id, currency, day, account, sum(credits) AS credits,
            sum(amounts) - sum(credits) AS debits, sum(entries) AS entries
        FROM lines GROUP BY 1, 2, 3, 4
    ),
    months AS MATERIALIZED (
        SELECT merchant_id, currency, date_trunc('month', day::timestamp)::date AS month, account,
            sum(credits) AS credits, sum(debits) AS debits, sum(entries) AS entries
        FROM days GROUP BY 1, 2, 3, 4
    )
    SELECT 'day', merchant_id, currency, day, account, credits, debits, entries, NULL::timestamptz
    FROM days
    UNION ALL
    SELECT 'month', merchant_id, currency, month, account, credits, debits, entries, NULL
    FROM months
    UNION ALL
    SELECT 'year', merchant_id, currency, date_trunc('year', month::timestamp)::date, account,
        sum(credits), sum(debits), sum(entries), NULL
    FROM months GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT 'category', merchant_id, currency, day, coalesce(category, ''), sum(credits),
        sum(amounts) - sum(credits), sum(entries), NULL
    FROM lines GROUP BY 2, 3, 4, category
    UNION ALL
    SELECT 'newest', merchant_id, NULL, NULL, NULL, NULL, NULL, NULL, max(newest)
    FROM lines GROUP BY merchant_id
$$;

ALTER TABLE early_corrections ENABLE ROW LEVEL SECURITY;
ALTER TABLE early_corrections FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON early_corrections TO livro_projector;
CREATE POLICY of_all_merchants ON early_corrections TO livro_projector
USING (true) WITH CHECK (true);
REVOKE EXECUTE ON FUNCTION current_category, incoming_entries, apply_corrections,
    correct_categories, apply_early_corrections FROM PUBLIC;
GRANT EXECUTE ON FUNCTION current_category TO livro_projector, livro_reader, livro_closer;
GRANT EXECUTE ON FUNCTION incoming_entries, apply_corrections, correct_categories
TO livro_projector;
