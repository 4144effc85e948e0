"""The SQL statements of closing; long ones are in .sql files beside this one.

JSON is returned as text, so that no driver changes its integers into other numbers.
"""

from functools import cache
from pathlib import Path

_ROW = (
    "json_build_array(entry_id, merchant_id, type, amount_minor, currency, account, day,"
    " occurred_at, recorded_at, recorded_by, category, reverses, text_digest, content_digest,"
    " occurred_instant, description, search_text, metadata, correction, corrected_category)"
)
BOUNDARIES = """
    SELECT min(merchant_id) FROM (
        SELECT merchant_id, ntile(CAST(:parts AS integer)) OVER (ORDER BY merchant_id) AS part
        FROM merchants
    ) AS parted GROUP BY part ORDER BY part
"""
MERCHANTS = """
    SELECT merchant_id, (SELECT coalesce(json_agg(day ORDER BY day), '[]')
        FROM unsealed_days AS changed WHERE changed.merchant_id = merchants.merchant_id
            AND day BETWEEN '1900-01-01' AND CAST(:until AS date))::text,
        coalesce((SELECT reconciled_until FROM reconciliations AS noted
            WHERE noted.merchant_id = merchants.merchant_id
                AND reconciled_until BETWEEN '1900-01-01' AND '9999-12-31'),
            (SELECT max(day) FROM closings WHERE closings.merchant_id = merchants.merchant_id
                AND day BETWEEN '1900-01-01' AND '9999-12-31'))::text
    FROM merchants
    WHERE merchant_id >= CAST(:first AS text)
        AND (CAST(:before AS text) IS NULL OR merchant_id < CAST(:before AS text))
        AND (CAST(:after AS text) IS NULL OR merchant_id > CAST(:after AS text))
    ORDER BY merchant_id LIMIT :page
"""
NEWEST_PROJECTED = """
    SELECT merchant_id, CASE WHEN newest_recorded_at > '9999-01-01Z' THEN '9999-01-01Z'
        WHEN newest_recorded_at >= '1900-01-01Z' THEN newest_recorded_at END
    FROM merchants
    WHERE CAST(:merchant AS text) IS NULL OR merchant_id = CAST(:merchant AS text)
    ORDER BY newest_recorded_at DESC NULLS LAST LIMIT :limit
"""
WRONG_NEWEST = """
    SELECT merchant_id FROM merchants WHERE merchant_id = ANY (CAST(:merchants AS text[]))
        AND (hashtext(merchant_id) & 2147483647) % CAST(:every AS integer)
            = (CAST(:until AS date) - date '2000-01-01') % CAST(:every AS integer)
        AND newest_recorded_at IS DISTINCT FROM (
            SELECT max(recorded_at) FROM entries WHERE entries.merchant_id = merchants.merchant_id)
"""
ROWS = f"""
    SELECT {_ROW}::text FROM entries WHERE entry_id = ANY (CAST(:entry_ids AS text[]))
"""  # noqa: S608
RECORD_DIFFERENCES = """
    INSERT INTO day_repairs
        (merchant_id, day, after_version, what, name, currency, differed, run, found_at)
    SELECT CAST(:merchant AS text), CAST(:day AS date), CAST(:version AS integer),
        line ->> 0, line ->> 1, line ->> 2, line ->> 3, CAST(:run AS text), CAST(:at AS timestamptz)
    FROM json_array_elements(CAST(:lines AS json)) AS line
    ON CONFLICT DO NOTHING
"""
CLEAR_CHANGE = """
    DELETE FROM unsealed_days WHERE merchant_id = CAST(:merchant AS text)
        AND day = CAST(:day AS date) AND mark = CAST(:change_id AS bigint)
"""
RECOMPUTE_SEALED = "SELECT recompute_sealed_totals(CAST(:merchant AS text))"
REBUILD_STATUS = """
    SELECT NOT EXISTS (SELECT FROM merchants), EXISTS (SELECT FROM unfinished_rebuild)
"""
MARK_RECONCILED = """
    INSERT INTO reconciliations AS noted (merchant_id, reconciled_until)
    SELECT merchant_id, CAST(:until AS date)
    FROM unnest(CAST(:merchants AS text[])) AS done (merchant_id) ORDER BY merchant_id
    ON CONFLICT (merchant_id) DO UPDATE SET reconciled_until = excluded.reconciled_until
    WHERE noted.reconciled_until < excluded.reconciled_until
"""
PENDING = """
    SELECT merchant_id, sequence FROM closing_outbox
    WHERE merchant_id = ANY (CAST(:merchants AS text[])) ORDER BY merchant_id, sequence
"""
# All entries of the day, because to find each of a large day by its id reads five blocks.
CLOSING = f"""
    SELECT published, (SELECT coalesce(json_agg({_ROW}), '[]')::text FROM entries
            WHERE (entries.merchant_id, entries.day) = (closings.merchant_id, closings.day)),
        (SELECT coalesce(json_agg(entry_id), '[]')::text FROM sealed_entries AS sealed
            WHERE (sealed.merchant_id, sealed.day) = (closings.merchant_id, closings.day)
                AND sealed.version <= closings.version)
    FROM closings WHERE merchant_id = CAST(:merchant AS text)
        AND sequence = CAST(:sequence AS integer)
"""  # noqa: S608
# As many as fit into the bytes, and at least one.
CLOSINGS_BETWEEN = """
    SELECT published FROM (
        SELECT sequence, published, sum(octet_length(published)) OVER (ORDER BY sequence DESC)
            - octet_length(published) AS bytes_before
        FROM closings WHERE merchant_id = CAST(:merchant AS text)
            AND sequence BETWEEN CAST(:first AS integer) AND CAST(:last AS integer)
    ) AS newest WHERE bytes_before < CAST(:bytes AS bigint) ORDER BY sequence DESC
"""
MARK_DELIVERED = """
    DELETE FROM closing_outbox WHERE (merchant_id, sequence) IN (
        SELECT * FROM unnest(CAST(:merchants AS text[]), CAST(:sequences AS integer[])))
"""
DUE_SEGMENT = """
    SELECT number, due_on, position FROM sweep_segments
    WHERE number % CAST(:lanes AS integer) = CAST(:lane AS integer)
        AND due_on <= CAST(:until AS date)
    ORDER BY due_on, number LIMIT 1
"""
MOVE_SEGMENT = """
    UPDATE sweep_segments
    SET position = CAST(:position AS text), due_on = CAST(:due_on AS date)
    WHERE number = CAST(:number AS integer) AND due_on = CAST(:was_due AS date)
        AND position IS NOT DISTINCT FROM CAST(:was_at AS text)
"""
SWEEP_OVERDUE = """
    SELECT greatest(CAST(:day AS date) - min(due_on), 0) FROM sweep_segments
"""
COUNTS = """
    SELECT (SELECT count(*) FROM closings WHERE run = CAST(:run AS text)),
        (SELECT count(*) FROM day_repairs WHERE run = CAST(:run AS text))
"""
PUBLIC_KEYS = "SELECT key_id, public_key FROM signing_keys"
STORE_KEY = """
    INSERT INTO signing_keys (key_id, public_key)
    VALUES (CAST(:key_id AS text), CAST(:public_key AS text)) ON CONFLICT DO NOTHING
"""


@cache
def statement(name: str) -> str:
    """Return the SQL of a file beside this one; {row} is replaced by a JSON array of a row."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8").replace("{row}", _ROW)
