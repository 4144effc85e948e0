-- statement by statement
--
-- The index of lists in their new order, which also serves the rebuild. It is built while entries
-- are written, and takes the name of the earlier one, which it replaces.

-- An earlier failure leaves an index that is not valid.
DROP INDEX CONCURRENTLY IF EXISTS entries_in_list_order;
CREATE INDEX CONCURRENTLY entries_in_list_order
    ON entries (merchant_id, day, occurred_instant, recorded_at, entry_id);
DROP INDEX CONCURRENTLY IF EXISTS entries_in_order;
ALTER INDEX entries_in_list_order RENAME TO entries_in_order;
