-- The ids of the ledger's entries whose row is missing or differs, with the merchant of the row, null
-- without a row. Every column is compared, because a row that was altered by hand keeps its digest.

WITH incoming AS MATERIALIZED (
    SELECT * FROM incoming_entries(
        :entry_ids, :merchants, :entry_types, :amounts, :currencies, :accounts, :days,
        :occurred_texts, :occurred_instants, :recorded_instants, :recorders, :categories,
        :descriptions, :search_texts, :metadata_texts, :reversed_ids, :text_digests,
        :content_digests
    )
)
SELECT incoming.entry_id, held.merchant_id
FROM incoming LEFT JOIN entries AS held ON held.entry_id = incoming.entry_id
WHERE held.entry_id IS NULL OR (
    held.merchant_id, held.type, held.amount_minor, held.currency, held.account, held.day,
    held.occurred_at, held.occurred_instant, held.recorded_at, held.recorded_by, held.category,
    held.description, held.search_text, held.metadata, held.reverses, held.text_digest,
    held.content_digest
) IS DISTINCT FROM (
    incoming.merchant_id, incoming.type, incoming.amount_minor, incoming.currency,
    incoming.account, incoming.day, incoming.occurred_at, incoming.occurred_instant,
    incoming.recorded_at, incoming.recorded_by, incoming.category, incoming.description,
    incoming.search_text, incoming.metadata, incoming.reverses, incoming.text_digest,
    incoming.content_digest
)
