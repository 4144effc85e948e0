-- Who works with the read model. Run at every migration by an administrator; saying it again is
-- harmless. livro_owner owns everything and serves no request; livro_projector writes what the
-- ledger's stream says; livro_reader reads, one merchant at a time; livro_closer reads all and
-- inserts closings.

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY[
        'livro_owner', 'livro_projector', 'livro_reader', 'livro_closer'
    ] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- roles belong to the whole server, so another database may have made it
        END;
        -- On Amazon RDS this role lets its members sign in with an IAM token.
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
            EXECUTE format('GRANT rds_iam TO %I', role_name);
        END IF;
    END LOOP;
    IF current_user <> 'livro_owner' THEN
        EXECUTE format('GRANT livro_owner TO %I', current_user);
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I '
        'TO livro_owner, livro_projector, livro_reader, livro_closer',
        current_database()
    );
    -- A rebuild keeps the ids that it met in a temporary table.
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO livro_projector', current_database());
END
$$;

CREATE SCHEMA IF NOT EXISTS read_model AUTHORIZATION livro_owner;

-- The limits come with the role, so that no connection can forget them and none pays a round trip.
-- A reader gives up a little before its client does (1 s). Sessions that a frozen Lambda function
-- left behind are ended after ten minutes.
ALTER ROLE livro_owner SET search_path = read_model;

ALTER ROLE livro_reader SET search_path = read_model;
ALTER ROLE livro_reader SET timezone = 'UTC';
ALTER ROLE livro_reader SET default_transaction_read_only = on;
ALTER ROLE livro_reader SET statement_timeout = '900ms';
ALTER ROLE livro_reader SET idle_in_transaction_session_timeout = '5s';
ALTER ROLE livro_reader SET idle_session_timeout = '10min';
ALTER ROLE livro_reader SET jit = off;

ALTER ROLE livro_projector SET search_path = read_model;
ALTER ROLE livro_projector SET timezone = 'UTC';
ALTER ROLE livro_projector SET statement_timeout = '9s';
-- Longer than projectors of one merchant wait for each other. A repair may lock its merchants for
-- longer; then the other merchants of a batch go on without them.
ALTER ROLE livro_projector SET lock_timeout = '4s';
ALTER ROLE livro_projector SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE livro_projector SET idle_session_timeout = '10min';
ALTER ROLE livro_projector SET jit = off;

-- A merchant's day may hold 100,000 entries, which are read in one statement to be one moment's.
ALTER ROLE livro_closer SET search_path = read_model;
ALTER ROLE livro_closer SET timezone = 'UTC';
ALTER ROLE livro_closer SET statement_timeout = '55s';
ALTER ROLE livro_closer SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE livro_closer SET idle_session_timeout = '10min';
ALTER ROLE livro_closer SET jit = off;
