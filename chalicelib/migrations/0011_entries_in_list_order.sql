-- The index of lists in their new order, which also serves the rebuild; it replaces the index of the
-- earlier order.

CREATE INDEX entries_in_list_order
    ON entries (merchant_id, day, occurred_instant, recorded_at, entry_id);
DROP INDEX entries_in_order;
