-- Add the entries that are new, and only those to the totals: one statement, so all of it or none.
--
-- Each merchant's row is taken first, in order, and held until the end. So the projectors of one
-- merchant follow one another, none can wait for another in a circle, and a rebuild that holds the
-- row keeps them out. The rest is written in the order of keys, for the same reason.

WITH incoming AS MATERIALIZED (
    SELECT * FROM incoming_entries(
        :entry_ids, :merchants, :entry_types, :amounts, :currencies, :accounts, :days,
        :occurred_texts, :occurred_instants, :recorded_instants, :recorders, :categories,
        :descriptions, :search_texts, :metadata_texts, :reversed_ids, :text_digests,
        :content_digests
    )
),
held AS (
    INSERT INTO merchants AS merchant (merchant_id, newest_recorded_at)
    SELECT merchant_id, max(recorded_at) FROM incoming
    GROUP BY merchant_id ORDER BY merchant_id COLLATE "C"
    ON CONFLICT (merchant_id) DO UPDATE SET newest_recorded_at
        = greatest(merchant.newest_recorded_at, excluded.newest_recorded_at)
    RETURNING merchant_id
),
added AS (
    -- To sort, all of `held` is needed, so every merchant is held before the first entry is written.
    INSERT INTO entries (
        entry_id, merchant_id, type, amount_minor, currency, account, day, occurred_at,
        occurred_instant, recorded_at, recorded_by, category, description, search_text, metadata,
        reverses, text_digest, content_digest
    )
    SELECT * FROM incoming WHERE merchant_id IN (SELECT merchant_id FROM held)
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
