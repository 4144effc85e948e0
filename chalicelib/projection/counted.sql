-- The sums of entries by all that totals are kept by: every total is a sum of these. Every entry
-- passes here, so debits are told by what credits leave, and a missing category is named at the end.

SELECT merchant_id, currency, day, account, coalesce(category, '') AS category,
    coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS credits,
    sum(amount_minor) - coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS debits,
    count(*) AS entries, max(recorded_at) AS newest
FROM asked GROUP BY merchant_id, currency, day, account, asked.category
