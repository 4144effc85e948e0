-- Store corrections of categories while the read model is loaded, whether their entries are here or
-- not; they are applied with the totals. Returns whether entries may still be loaded, as
-- load_entries.sql does.

WITH open AS MATERIALIZED (
    SELECT FROM unfinished_rebuild WHERE loads = 'entries' FOR SHARE
),
stored AS (
    INSERT INTO early_corrections AS early
    SELECT given.* FROM unnest(CAST(:entry_ids AS text[]), CAST(:merchants AS text[]),
        CAST(:numbers AS integer[]), CAST(:categories AS text[]))
        AS given (entry_id, merchant_id, correction, category)
    WHERE EXISTS (SELECT FROM open) ORDER BY entry_id COLLATE "C"
    ON CONFLICT (entry_id) DO UPDATE SET correction = excluded.correction,
        category = excluded.category
    WHERE early.correction < excluded.correction
)
SELECT EXISTS (SELECT FROM open)
