-- Of a page of rows in the order of their keys, those whose sums differ from the ledger's, and
-- at last the last row, where the next page begins (is_last).

WITH page AS MATERIALIZED (
    SELECT merchant_id, day, occurred_instant, recorded_at, entry_id,
        recorded_at < CAST(:before AS timestamptz) AND (
            -- The same hash as in sum_rows.sql.
            substr(sha256(convert_to(CAST(:salt AS text) || merchant_id || entry_id, 'UTF8')), 1, 8)::bigint
            & 255
        ) = ANY (CAST(:buckets AS integer[])) AS differs
    FROM entries WHERE {after}
    ORDER BY merchant_id, day, occurred_instant, recorded_at, entry_id LIMIT {rows}
)
SELECT merchant_id, day::text, occurred_instant::text, recorded_at::text, entry_id, false AS is_last
FROM page WHERE differs
UNION ALL
(SELECT merchant_id, day::text, occurred_instant::text, recorded_at::text, entry_id, true
FROM page ORDER BY page.merchant_id DESC, page.day DESC, page.occurred_instant DESC,
    page.recorded_at DESC, page.entry_id DESC LIMIT 1)
