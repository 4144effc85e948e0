-- The public halves of all keys that ever sealed a closing, kept when a key is first used: so a
-- closing of long ago can be checked after its key has gone. They are nobody's secret.

CREATE TABLE signing_keys (
    key_id text COLLATE "C" PRIMARY KEY,
    public_key text COLLATE "C" NOT NULL, -- PEM (RFC 7468)
    first_used_at timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON signing_keys
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE signing_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE signing_keys FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON signing_keys TO livro_closer;
GRANT SELECT ON signing_keys TO livro_reader;
CREATE POLICY of_all_keys ON signing_keys TO livro_closer USING (true) WITH CHECK (true);
CREATE POLICY for_readers ON signing_keys FOR SELECT TO livro_reader USING (true);

-- All public keys by their ids; what a merchant's own closings were sealed with is among them.
DROP FUNCTION closing_keys(text);
CREATE FUNCTION public_keys() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_object_agg(key_id, public_key ORDER BY key_id), '{}') FROM signing_keys
$$;
REVOKE EXECUTE ON FUNCTION public_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public_keys TO livro_reader;
