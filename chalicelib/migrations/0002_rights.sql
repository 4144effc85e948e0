-- Who sees which rows. A reader sees the one merchant that the statement was started for, and none
-- where nobody said; the projector, which sorts the whole stream, sees all. FORCE holds the owner
-- to it as well, who has no policy and so sees nothing.

GRANT USAGE ON SCHEMA read_model TO livro_projector, livro_reader;

DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY[
        'entries', 'merchants', 'day_totals', 'month_totals', 'year_totals', 'category_totals'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format('GRANT SELECT ON %I TO livro_reader', table_name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO livro_projector', table_name);
        EXECUTE format(
            'CREATE POLICY of_one_merchant ON %I FOR SELECT TO livro_reader '
            'USING (merchant_id = current_setting(''app.merchant'', true))',
            table_name
        );
        EXECUTE format(
            'CREATE POLICY of_all_merchants ON %I TO livro_projector USING (true) WITH CHECK (true)',
            table_name
        );
    END LOOP;
END
$$;

ALTER TABLE cursor_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE cursor_key FORCE ROW LEVEL SECURITY;
GRANT SELECT ON cursor_key TO livro_reader;
CREATE POLICY for_readers ON cursor_key FOR SELECT TO livro_reader USING (true);
