-- Insert a closing with everything that belongs to it, or nothing: its version and its sequence
-- number can be taken once. The day is unmarked unless it has changed since its state was read.

WITH closing AS (
    INSERT INTO closings (merchant_id, day, version, sequence, root, key_id, published, run)
    VALUES (CAST(:merchant AS text), CAST(:day AS date), CAST(:version AS integer),
        CAST(:sequence AS integer), CAST(:root AS text), CAST(:key_id AS text),
        CAST(:published AS text), CAST(:run AS text))
),
sealed AS (
    INSERT INTO sealed_entries (merchant_id, day, entry_id, version)
    SELECT CAST(:merchant AS text), CAST(:day AS date), entry_id, CAST(:version AS integer)
    FROM unnest(CAST(:added AS text[])) AS added (entry_id) ORDER BY entry_id
),
effects AS (
    INSERT INTO closing_effects
        (merchant_id, sequence, day, currency, account, net_minor, entries)
    SELECT CAST(:merchant AS text), CAST(:sequence AS integer), CAST(:day AS date), line.*
    FROM unnest(CAST(:currencies AS text[]), CAST(:accounts AS text[]), CAST(:nets AS numeric[]),
        CAST(:counts AS bigint[])) AS line
),
subtrees AS (
    INSERT INTO closing_subtrees (merchant_id, day, version, last_entry, root)
    SELECT CAST(:merchant AS text), CAST(:day AS date), CAST(:version AS integer), subtree.*
    FROM unnest(CAST(:last_entries AS text[]), CAST(:subtree_roots AS text[])) AS subtree
),
pending AS (
    INSERT INTO closing_outbox VALUES (CAST(:merchant AS text), CAST(:sequence AS integer))
),
unmarked AS (
    DELETE FROM unsealed_days WHERE merchant_id = CAST(:merchant AS text)
        AND day = CAST(:day AS date) AND mark = CAST(:change_id AS bigint)
    RETURNING 1
)
SELECT count(*) FROM unmarked
