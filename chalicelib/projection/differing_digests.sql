-- The ids of the ledger's entries whose row is missing or may differ: the digest of the row's columns
-- in PostgreSQL's binary form is not the one that row_digests.py computes of the entry.

SELECT given.entry_id
FROM (
    SELECT unnest(CAST(:entry_ids AS text[])) AS entry_id, unnest(CAST(:digests AS text[])) AS digest
) AS given LEFT JOIN entries AS held ON held.entry_id = given.entry_id
WHERE held.entry_id IS NULL OR given.digest <> encode(sha256(record_send(ROW(
    held.type, held.currency, held.account, held.category, held.merchant_id, held.occurred_at,
    held.recorded_by, held.text_digest, held.content_digest, held.description, held.search_text,
    held.reverses, held.amount_minor, held.day, held.occurred_instant, held.recorded_at,
    held.metadata
))), 'hex')
