-- statement by statement
--
-- Indexes that the planner cannot take for another one. Until PostgreSQL has statistics of a
-- merchant's new entries, it takes them for one entry, and any index that begins with the merchant
-- costs the same: a statement of 20,000 entries read all of them again for each day, and for each
-- reversed entry. So the reversal of an entry is found by an index of the merchant's reversals, and
-- the index for previews of bank files, which look at no reversal, is of no use to other reads.

CREATE INDEX CONCURRENTLY IF NOT EXISTS entries_by_merchant_and_reversed
    ON entries (merchant_id, reverses) WHERE reverses IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS entries_by_reversed;
CREATE INDEX CONCURRENTLY IF NOT EXISTS entries_for_previews
    ON entries (merchant_id, account, amount_minor, day) WHERE reverses IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS entries_by_amount;
