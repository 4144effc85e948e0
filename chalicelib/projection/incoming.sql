-- Entries as they are sent: one array a column, all of one length. Other statements begin with this.
-- Set-returning functions of a select list go forward together, one row at a time; in FROM each
-- would first be put into a store of its own, which takes twice as long. JSON is read row by row: in
-- an array, what reading each element takes would be given back with the last one only.

SELECT
    unnest(CAST(:entry_ids AS text[])) AS entry_id,
    unnest(CAST(:merchants AS text[])) AS merchant_id,
    unnest(CAST(:entry_types AS text[])) AS type,
    unnest(CAST(:amounts AS bigint[])) AS amount_minor,
    unnest(CAST(:currencies AS text[])) AS currency,
    unnest(CAST(:accounts AS text[])) AS account,
    unnest(CAST(:days AS date[])) AS day,
    unnest(CAST(:occurred_texts AS text[])) AS occurred_at,
    unnest(CAST(:occurred_instants AS timestamptz[])) AS occurred_instant,
    unnest(CAST(:recorded_instants AS timestamptz[])) AS recorded_at,
    unnest(CAST(:recorders AS text[])) AS recorded_by,
    unnest(CAST(:categories AS text[])) AS category,
    unnest(CAST(:descriptions AS text[])) AS description,
    unnest(CAST(:search_texts AS text[])) AS search_text,
    CAST(unnest(CAST(:metadata_texts AS text[])) AS jsonb) AS metadata,
    unnest(CAST(:reversed_ids AS text[])) AS reverses,
    unnest(CAST(:text_digests AS text[])) AS text_digest,
    unnest(CAST(:content_digests AS text[])) AS content_digest
