-- What several statements of the projection have in common, so that each can be run by hand.

-- Entries from one array per column, all of one length, as rows of the table `entries`.
-- Set-returning functions in a select list advance together, one row at a time; in FROM each would
-- first be stored, which takes twice as long. JSON is parsed row by row: in an array, the memory
-- for parsing each element would be released only with the last one.
CREATE FUNCTION incoming_entries(
    entry_ids text[], merchants text[], entry_types text[], amounts bigint[], currencies text[],
    accounts text[], days date[], occurred_texts text[], occurred_instants timestamptz[],
    recorded_instants timestamptz[], recorders text[], categories text[], descriptions text[],
    search_texts text[], metadata_texts text[], reversed_ids text[], text_digests text[],
    content_digests text[]
) RETURNS SETOF entries LANGUAGE sql STABLE AS $$
    SELECT unnest(entry_ids), unnest(merchants), unnest(entry_types), unnest(amounts),
        unnest(currencies), unnest(accounts), unnest(days), unnest(occurred_texts),
        unnest(occurred_instants), unnest(recorded_instants), unnest(recorders),
        unnest(categories), unnest(descriptions), unnest(search_texts),
        unnest(metadata_texts)::jsonb, unnest(reversed_ids), unnest(text_digests),
        unnest(content_digests)
$$;

-- All totals as they are stored: `total` names the table, `name` is the account or category. The
-- view has the rights of the role that reads it.
CREATE VIEW stored_totals WITH (security_invoker = true) AS
SELECT 'day' AS total, merchant_id, currency, day AS start, account AS name,
    credits_minor, debits_minor, entries::numeric AS entries, NULL::timestamptz AS newest_recorded_at
FROM day_totals
UNION ALL
SELECT 'month', merchant_id, currency, month, account, credits_minor, debits_minor, entries, NULL
FROM month_totals
UNION ALL
SELECT 'year', merchant_id, currency, year, account, credits_minor, debits_minor, entries, NULL
FROM year_totals
UNION ALL
SELECT 'category', merchant_id, currency, day, category, credits_minor, debits_minor, entries, NULL
FROM category_totals
UNION ALL
SELECT 'newest', merchant_id, NULL, NULL, NULL, NULL, NULL, NULL, newest_recorded_at
FROM merchants WHERE newest_recorded_at IS NOT NULL;

-- The same totals of some merchants, computed from their entries. Every entry passes through
-- `lines`, so that query computes debits as the sum less the credits, and a missing category is
-- replaced only afterwards. Months are summed from days, and years from months.
CREATE FUNCTION counted_totals(of_merchants text[]) RETURNS SETOF stored_totals
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH lines AS MATERIALIZED (
        SELECT merchant_id, currency, day, account, category, sum(amount_minor) AS amounts,
            coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0) AS credits,
            count(*) AS entries, max(recorded_at) AS newest
        FROM entries WHERE merchant_id = ANY (of_merchants)
        GROUP BY merchant_id, currency, day, account, category
    ),
    days AS MATERIALIZED (
        SELECT merchant_id, currency, day, account, sum(credits) AS credits,
            sum(amounts) - sum(credits) AS debits, sum(entries) AS entries
        FROM lines GROUP BY 1, 2, 3, 4
    ),
    months AS MATERIALIZED (
        SELECT merchant_id, currency, date_trunc('month', day::timestamp)::date AS month, account,
            sum(credits) AS credits, sum(debits) AS debits, sum(entries) AS entries
        FROM days GROUP BY 1, 2, 3, 4
    )
    SELECT 'day', merchant_id, currency, day, account, credits, debits, entries, NULL::timestamptz
    FROM days
    UNION ALL
    SELECT 'month', merchant_id, currency, month, account, credits, debits, entries, NULL
    FROM months
    UNION ALL
    SELECT 'year', merchant_id, currency, date_trunc('year', month::timestamp)::date, account,
        sum(credits), sum(debits), sum(entries), NULL
    FROM months GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT 'category', merchant_id, currency, day, coalesce(category, ''), sum(credits),
        sum(amounts) - sum(credits), sum(entries), NULL
    FROM lines GROUP BY 2, 3, 4, category
    UNION ALL
    SELECT 'newest', merchant_id, NULL, NULL, NULL, NULL, NULL, NULL, max(newest)
    FROM lines GROUP BY merchant_id
$$;

-- The totals of some merchants that are not the sums of their entries: rows as they should be, and
-- rows as they are stored (is_stored). Both sides are grouped together, and a row that only one
-- side has is a difference; so each is read once, and hashed, however many rows there are.
CREATE FUNCTION total_differences(of_merchants text[]) RETURNS TABLE (
    total text, merchant_id text, currency text, start date, name text, credits_minor numeric,
    debits_minor numeric, entries numeric, newest_recorded_at timestamptz, is_stored boolean
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT total, merchant_id, currency, start, name, credits_minor, debits_minor, entries,
        newest_recorded_at, bool_and(is_stored)
    FROM (
        SELECT *, false AS is_stored FROM counted_totals(of_merchants)
        UNION ALL
        SELECT *, true FROM stored_totals WHERE merchant_id = ANY (of_merchants)
    ) AS both_sides
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING count(*) = 1
$$;

REVOKE EXECUTE ON FUNCTION incoming_entries, counted_totals, total_differences FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incoming_entries, counted_totals, total_differences TO livro_projector;
GRANT SELECT ON stored_totals TO livro_projector;
