-- Closings (fechamentos): numbered versions of closed days under a seal, chained by merchant.
--
-- Unlike the rest of the read model they are not made again from the ledger: they say what was
-- known at their moment. So they are inserted once, and no role may change or remove them. The
-- bucket under retention holds each of them a second time.

-- Days that changed since their last closing, or were never closed. Every mark is a new number, so
-- who read one and deletes it later never deletes the mark of an entry that came in between.
CREATE SEQUENCE unsealed_marks;
CREATE TABLE unsealed_days (
    merchant_id text COLLATE "C",
    day date,
    mark bigint NOT NULL,
    PRIMARY KEY (merchant_id, day)
) WITH (fillfactor = 70);

-- A row is locked and written anew even where it is there already: that is how closer and projector
-- see each other. Rows are taken in the order of keys, after the merchant's own.
CREATE FUNCTION mark_unsealed_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unsealed_days AS known (merchant_id, day, mark)
    SELECT merchant_id, day, nextval('unsealed_marks')
    FROM (SELECT DISTINCT merchant_id, day FROM added ORDER BY merchant_id, day) AS days
    ON CONFLICT (merchant_id, day) DO UPDATE SET mark = excluded.mark;
    RETURN NULL;
END
$$;

CREATE TRIGGER mark_unsealed_days AFTER INSERT ON entries
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION mark_unsealed_days();

CREATE TABLE closings (
    merchant_id text COLLATE "C",
    day date,
    version integer CHECK (version > 0),
    sequence integer NOT NULL CHECK (sequence > 0),
    root text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    published text COLLATE "C" NOT NULL, -- the closing in JSON, byte for byte as it was sealed
    run text NOT NULL,                   -- the execution that made it
    PRIMARY KEY (merchant_id, day, version),
    UNIQUE (merchant_id, sequence),
    CHECK ((published::json ->> 'merchant', published::json ->> 'day',
        (published::json ->> 'version')::integer, (published::json ->> 'sequence')::integer,
        published::json ->> 'root', published::json ->> 'key_id')
        = (merchant_id, to_char(day, 'YYYY-MM-DD'), version, sequence, root, key_id))
);
CREATE INDEX closings_by_run ON closings (run);

-- The version that first held an entry; those of a day up to a version are the leaves of its tree.
CREATE TABLE sealed_entries (
    merchant_id text COLLATE "C",
    day date,
    entry_id text COLLATE "C",
    version integer NOT NULL,
    PRIMARY KEY (merchant_id, day, entry_id)
);

-- What each closing added to the balance of its lines: all of them together are what is sealed.
CREATE TABLE closing_effects (
    merchant_id text COLLATE "C",
    sequence integer,
    currency text COLLATE "C",
    account text COLLATE "C",
    day date NOT NULL,
    net_minor numeric(38, 0) NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (merchant_id, sequence, currency, account)
);
CREATE INDEX closing_effects_by_day ON closing_effects (merchant_id, day)
    INCLUDE (currency, account, net_minor, entries);

-- Where the read model differed from the ledger and was put right; `after_version` is the day's
-- newest closing at that moment, 0 if there was none, and the next one tells their number.
CREATE TABLE day_repairs (
    merchant_id text COLLATE "C",
    day date,
    after_version integer,
    what text COLLATE "C",     -- entries, or which totals: day, category, month, year
    name text COLLATE "C",     -- the account, or the category
    currency text COLLATE "C",
    differed text NOT NULL,    -- in JSON: ledger and read model, in minor units
    run text NOT NULL,
    found_at timestamptz NOT NULL,
    PRIMARY KEY (merchant_id, day, after_version, what, name, currency)
);
CREATE INDEX day_repairs_by_run ON day_repairs (run);

-- Closings that are not yet known to be in the bucket and announced.
CREATE TABLE closing_outbox (
    merchant_id text COLLATE "C",
    sequence integer,
    PRIMARY KEY (merchant_id, sequence)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is inserted once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY[
        'closings', 'sealed_entries', 'closing_effects', 'day_repairs'
    ] LOOP
        EXECUTE format('CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
            'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', table_name);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO livro_closer', table_name);
    END LOOP;
    FOREACH table_name IN ARRAY ARRAY[
        'closings', 'sealed_entries', 'closing_effects', 'day_repairs', 'unsealed_days',
        'closing_outbox'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format('GRANT SELECT ON %I TO livro_reader', table_name);
        EXECUTE format(
            'CREATE POLICY of_one_merchant ON %I FOR SELECT TO livro_reader '
            'USING (merchant_id = current_setting(''app.merchant'', true))',
            table_name
        );
        EXECUTE format(
            'CREATE POLICY of_all_merchants ON %I TO livro_closer USING (true) WITH CHECK (true)',
            table_name
        );
    END LOOP;
    FOREACH table_name IN ARRAY ARRAY[
        'entries', 'merchants', 'day_totals', 'month_totals', 'year_totals', 'category_totals'
    ] LOOP
        EXECUTE format('GRANT SELECT ON %I TO livro_closer', table_name);
        EXECUTE format(
            'CREATE POLICY for_closings ON %I FOR SELECT TO livro_closer USING (true)', table_name
        );
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA read_model TO livro_closer;
GRANT SELECT, DELETE ON unsealed_days TO livro_closer;
GRANT SELECT, INSERT, DELETE ON closing_outbox TO livro_closer;
GRANT SELECT, INSERT, UPDATE ON unsealed_days TO livro_projector;
GRANT USAGE ON SEQUENCE unsealed_marks TO livro_projector;
CREATE POLICY of_all_marks ON unsealed_days TO livro_projector USING (true) WITH CHECK (true);
