-- Entries as they are sent: one array a column. Other statements begin with this.

SELECT * FROM unnest(
    CAST(:entry_ids AS text[]), CAST(:merchants AS text[]), CAST(:entry_types AS text[]),
    CAST(:amounts AS bigint[]), CAST(:currencies AS text[]), CAST(:accounts AS text[]),
    CAST(:days AS date[]), CAST(:occurred_texts AS text[]),
    CAST(:occurred_instants AS timestamptz[]), CAST(:recorded_instants AS timestamptz[]),
    CAST(:recorders AS text[]), CAST(:categories AS text[]), CAST(:descriptions AS text[]),
    CAST(:search_texts AS text[]), CAST(:metadata_texts AS jsonb[]),
    CAST(:reversed_ids AS text[]), CAST(:text_digests AS text[]),
    CAST(:content_digests AS text[])
) AS sent (
    entry_id, merchant_id, type, amount_minor, currency, account, day, occurred_at,
    occurred_instant, recorded_at, recorded_by, category, description, search_text, metadata,
    reverses, text_digest, content_digest
)
