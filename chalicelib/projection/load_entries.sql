-- Insert entries that are missing while the read model is loaded, and nothing else: totals and marks
-- follow when all entries are here. Returns whether entries may still be loaded, and how many were
-- inserted.
--
-- The call that ends the loading of entries waits for this statement, because of its lock, so no
-- entry is inserted without totals afterwards, not even by a call that was believed to be dead.

WITH open AS MATERIALIZED (
    SELECT FROM unfinished_rebuild WHERE loads = 'entries' FOR SHARE
),
incoming AS NOT MATERIALIZED (
    SELECT * FROM incoming_entries(
        :entry_ids, :merchants, :entry_types, :amounts, :currencies, :accounts, :days,
        :occurred_texts, :occurred_instants, :recorded_instants, :recorders, :categories,
        :descriptions, :search_texts, :metadata_texts, :reversed_ids, :text_digests,
        :content_digests
    )
),
added AS (
    INSERT INTO entries (
        entry_id, merchant_id, type, amount_minor, currency, account, day, occurred_at,
        occurred_instant, recorded_at, recorded_by, category, description, search_text, metadata,
        reverses, text_digest, content_digest
    )
    SELECT * FROM incoming WHERE EXISTS (SELECT FROM open) ORDER BY entry_id COLLATE "C"
    ON CONFLICT (entry_id) DO NOTHING
    RETURNING 1
)
SELECT EXISTS (SELECT FROM open), (SELECT count(*) FROM added)
