-- Insert the entries that are new, and add only those to the totals: one statement, all or nothing.
--
-- First each merchant's row is locked, in order, until the end of the SQL transaction. So projectors
-- of the same merchant run one after the other, they never deadlock, and a rebuild that has locked
-- the row keeps them waiting. All other rows are written in the order of their keys, which also
-- prevents deadlocks.

WITH incoming AS MATERIALIZED (
    SELECT * FROM incoming_entries(
        :entry_ids, :merchants, :entry_types, :amounts, :currencies, :accounts, :days,
        :occurred_texts, :occurred_instants, :recorded_instants, :recorders, :categories,
        :descriptions, :search_texts, :metadata_texts, :reversed_ids, :text_digests,
        :content_digests
    )
),
locked AS (
    INSERT INTO merchants AS merchant (merchant_id, newest_recorded_at)
    SELECT merchant_id, max(recorded_at) FROM incoming
    GROUP BY merchant_id ORDER BY merchant_id COLLATE "C"
    ON CONFLICT (merchant_id) DO UPDATE SET newest_recorded_at
        = greatest(merchant.newest_recorded_at, excluded.newest_recorded_at)
    RETURNING merchant_id
),
added AS (
    -- Sorting needs all of `locked`, so every merchant is locked before the first entry is written.
    INSERT INTO entries (
        entry_id, merchant_id, type, amount_minor, currency, account, day, occurred_at,
        occurred_instant, recorded_at, recorded_by, category, description, search_text, metadata,
        reverses, text_digest, content_digest
    )
    SELECT * FROM incoming WHERE merchant_id IN (SELECT merchant_id FROM locked)
    ORDER BY entry_id COLLATE "C"
    ON CONFLICT (entry_id) DO NOTHING
    RETURNING merchant_id, currency, account, day, coalesce(category, '') AS category,
        CASE type WHEN 'credit' THEN amount_minor ELSE 0 END AS credit,
        CASE type WHEN 'debit' THEN amount_minor ELSE 0 END AS debit
),
by_day AS (
    SELECT merchant_id, currency, day, account,
        sum(credit) AS credits, sum(debit) AS debits, count(*) AS entries
    FROM added GROUP BY merchant_id, currency, day, account
),
days AS (
    INSERT INTO day_totals AS total
    SELECT merchant_id, currency, day, account, credits, debits, entries
    FROM by_day ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, day, account) DO UPDATE SET
        credits_minor = total.credits_minor + excluded.credits_minor,
        debits_minor = total.debits_minor + excluded.debits_minor,
        entries = total.entries + excluded.entries
),
months AS (
    INSERT INTO month_totals AS total
    SELECT merchant_id, currency, date_trunc('month', day::timestamp)::date, account,
        sum(credits), sum(debits), sum(entries)
    FROM by_day GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, month, account) DO UPDATE SET
        credits_minor = total.credits_minor + excluded.credits_minor,
        debits_minor = total.debits_minor + excluded.debits_minor,
        entries = total.entries + excluded.entries
),
years AS (
    INSERT INTO year_totals AS total
    SELECT merchant_id, currency, date_trunc('year', day::timestamp)::date, account,
        sum(credits), sum(debits), sum(entries)
    FROM by_day GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, year, account) DO UPDATE SET
        credits_minor = total.credits_minor + excluded.credits_minor,
        debits_minor = total.debits_minor + excluded.debits_minor,
        entries = total.entries + excluded.entries
),
categories AS (
    INSERT INTO category_totals AS total
    SELECT merchant_id, currency, day, category, sum(credit), sum(debit), count(*)
    FROM added GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (merchant_id, currency, day, category) DO UPDATE SET
        credits_minor = total.credits_minor + excluded.credits_minor,
        debits_minor = total.debits_minor + excluded.debits_minor,
        entries = total.entries + excluded.entries
)
SELECT count(*) FROM added
