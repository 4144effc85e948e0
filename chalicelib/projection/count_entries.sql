-- Count a merchant's entries into a table of this SQL transaction. A statement of its own, because
-- PostgreSQL uses parallel workers for it, and never for one that writes totals; and of one
-- merchant, because no time goes into telling merchants apart then.

CREATE TEMPORARY TABLE counted AS
WITH asked AS (SELECT * FROM entries WHERE merchant_id = :merchant)
-- counted.sql
