-- A page of rows in the order of their keys, which is that of an index. Up to 256 lines have the
-- sums of the hashes of rows recorded before a moment, by bucket; then come the rows that are looked
-- up in any case, because they were recorded later (is_recent) or have a correction; and at
-- last the last row, where the next page begins (is_recent is null).

WITH page AS MATERIALIZED (
    SELECT merchant_id, day, occurred_instant, recorded_at, entry_id,
        recorded_at >= CAST(:before AS timestamptz) AS is_recent,
        correction IS NOT NULL AS is_corrected,
        -- RowSums.hash_of() in Python. A row that was made by hand may have any merchant_id.
        substr(sha256(convert_to(CAST(:salt AS text) || merchant_id || entry_id, 'UTF8')), 1, 8)::bigint
            & 9223372036854775807 AS hash
    FROM entries WHERE {after}
    ORDER BY merchant_id, day, occurred_instant, recorded_at, entry_id LIMIT {rows}
)
SELECT (hash & 255)::integer AS bucket, sum(hash)::text AS sum, NULL AS merchant_id, NULL AS day,
    NULL AS instant, NULL AS recorded, NULL AS entry_id, NULL::boolean AS is_recent,
    NULL::boolean AS is_corrected
FROM page WHERE NOT is_recent GROUP BY 1
UNION ALL
SELECT NULL, NULL, merchant_id, day::text, occurred_instant::text, recorded_at::text, entry_id,
    is_recent, is_corrected
FROM page WHERE is_recent OR is_corrected
UNION ALL
(SELECT NULL, NULL, merchant_id, day::text, occurred_instant::text, recorded_at::text, entry_id,
    NULL, NULL
FROM page ORDER BY page.merchant_id DESC, page.day DESC, page.occurred_instant DESC,
    page.recorded_at DESC, page.entry_id DESC LIMIT 1)
