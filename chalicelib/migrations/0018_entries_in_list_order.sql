-- statement by statement
--
-- The index of lists in the order of 0009, which also serves the rebuild. It is built while entries
-- are written. Without it, the earlier index, which it replaces, finds the same entries, and sorts
-- those of one moment.

CREATE INDEX CONCURRENTLY IF NOT EXISTS entries_in_list_order
    ON entries (merchant_id, day, occurred_instant, recorded_at, entry_id);
DROP INDEX CONCURRENTLY IF EXISTS entries_in_order;
