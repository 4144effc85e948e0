-- Insert entries as the ledger has them, without adding them to the totals, which are recomputed
-- afterwards in the same SQL transaction.

WITH incoming AS MATERIALIZED (
    SELECT * FROM incoming_entries(
        :entry_ids, :merchants, :entry_types, :amounts, :currencies, :accounts, :days,
        :occurred_texts, :occurred_instants, :recorded_instants, :recorders, :categories,
        :descriptions, :search_texts, :metadata_texts, :reversed_ids, :text_digests,
        :content_digests
    )
)
INSERT INTO entries (
    entry_id, merchant_id, type, amount_minor, currency, account, day, occurred_at,
    occurred_instant, recorded_at, recorded_by, category, description, search_text, metadata,
    reverses, text_digest, content_digest
)
SELECT * FROM incoming ORDER BY entry_id COLLATE "C"
ON CONFLICT (entry_id) DO NOTHING
