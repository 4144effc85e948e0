-- What a run needs to seal a day only on top of reconciled days, at a cost that does not grow with
-- the age of a merchant.

-- The day up to which every day of a merchant was compared with the ledger after it had ended.
CREATE TABLE reconciliations (
    merchant_id text COLLATE "C" PRIMARY KEY,
    reconciled_until date NOT NULL
) WITH (fillfactor = 70);

-- The sums of closing_effects by month and by year: with them, an opening balance reads at most the
-- years, 12 months and 31 days before its day. A trigger adds to them, so that they hold what every
-- release of the application inserts. No role of the application may change them; both functions
-- have the rights of their owner.
CREATE TABLE sealed_totals (
    merchant_id text COLLATE "C",
    period text COLLATE "C" CHECK (period IN ('month', 'year')),
    start date CHECK (start = date_trunc(period, start::timestamp)::date),
    currency text COLLATE "C",
    account text COLLATE "C",
    net_minor numeric(38, 0) NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (merchant_id, period, start, currency, account)
) WITH (fillfactor = 70);

CREATE FUNCTION add_sealed_totals() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = read_model, pg_temp AS $$
BEGIN
    -- Closings share this lock; who recomputes the sums waits for their end, and they for its end.
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('sealed_totals ' || merchant_id, 0))
    FROM (SELECT DISTINCT merchant_id FROM added ORDER BY merchant_id) AS merchants;
    INSERT INTO sealed_totals AS total
        (merchant_id, period, start, currency, account, net_minor, entries)
    SELECT merchant_id, period, date_trunc(period, day::timestamp)::date, currency, account,
        sum(net_minor), sum(entries)
    FROM added CROSS JOIN (VALUES ('month'), ('year')) AS both_periods (period)
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (merchant_id, period, start, currency, account) DO UPDATE SET
        net_minor = total.net_minor + excluded.net_minor,
        entries = total.entries + excluded.entries;
    RETURN NULL;
END
$$;

-- After closings were lost or altered by hand, without the trigger.
CREATE FUNCTION recompute_sealed_totals(of_merchant text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = read_model, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('sealed_totals ' || of_merchant, 0));
    DELETE FROM sealed_totals WHERE merchant_id = of_merchant;
    INSERT INTO sealed_totals
    SELECT merchant_id, period, date_trunc(period, day::timestamp)::date, currency, account,
        sum(net_minor), sum(entries)
    FROM closing_effects CROSS JOIN (VALUES ('month'), ('year')) AS both_periods (period)
    WHERE merchant_id = of_merchant
    GROUP BY 1, 2, 3, 4, 5;
END
$$;

-- FORCE hides all rows from the owner, who sums them up, here and in the functions. The lock that
-- the policy takes lasts until the trigger exists, so that no closing comes in between.
CREATE POLICY of_all_effects ON closing_effects FOR SELECT TO livro_owner USING (true);
INSERT INTO sealed_totals
SELECT merchant_id, period, date_trunc(period, day::timestamp)::date, currency, account,
    sum(net_minor), sum(entries)
FROM closing_effects CROSS JOIN (VALUES ('month'), ('year')) AS both_periods (period)
GROUP BY 1, 2, 3, 4, 5;

CREATE TRIGGER add_sealed_totals AFTER INSERT ON closing_effects
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION add_sealed_totals();

-- A rebuild of the whole read model that has begun and not ended; no nightly run begins meanwhile.
CREATE TABLE unfinished_rebuild (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    begun_at timestamptz NOT NULL DEFAULT now()
);

-- A read model that begins empty is not complete either, however much the projector adds to it: the
-- ledger may hold earlier entries. FORCE would hide all rows from the owner.
ALTER TABLE merchants NO FORCE ROW LEVEL SECURITY;
INSERT INTO unfinished_rebuild SELECT WHERE NOT EXISTS (SELECT FROM merchants);
ALTER TABLE merchants FORCE ROW LEVEL SECURITY;

DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY['reconciliations', 'sealed_totals', 'unfinished_rebuild'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format(
            'CREATE POLICY of_all_merchants ON %I TO livro_closer USING (true) WITH CHECK (true)',
            table_name
        );
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON reconciliations TO livro_closer;
GRANT SELECT ON sealed_totals TO livro_closer;
CREATE POLICY of_all_sums ON sealed_totals TO livro_owner USING (true) WITH CHECK (true);
-- Otherwise a role could add to the sums by a temporary table with this trigger.
REVOKE EXECUTE ON FUNCTION add_sealed_totals, recompute_sealed_totals FROM PUBLIC;
GRANT EXECUTE ON FUNCTION recompute_sealed_totals TO livro_closer;
GRANT SELECT ON unfinished_rebuild TO livro_closer;
GRANT SELECT, INSERT, DELETE ON unfinished_rebuild TO livro_projector;
CREATE POLICY of_rebuilds ON unfinished_rebuild TO livro_projector USING (true) WITH CHECK (true);
