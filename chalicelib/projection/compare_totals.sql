-- Store the wrong totals of merchants in a temporary table. This is separate from repair_totals.sql,
-- because PostgreSQL reads the entries in parallel only in a statement that writes no other table.

CREATE TEMPORARY TABLE differences AS
SELECT * FROM total_differences(:merchants)
