-- statement by statement
--
-- Finds the entries of an account and an amount, for previews of bank files. It is built while
-- entries are written; until then previews are slow.

CREATE INDEX CONCURRENTLY IF NOT EXISTS entries_by_amount
    ON entries (merchant_id, account, amount_minor, day);
