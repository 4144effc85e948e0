-- A read model as the projection and the closings would have left it, made by a few statements.
--
-- Settings: seed.entries, seed.merchants, seed.days. The merchant m0000 has a fifth of the entries,
-- and a fiftieth more on one day (large_day), half of them of one moment, as a bank's file has them.
-- Every day but the last is closed. The first entry of m0000 is the only one with a needle.

-- step: settings
SET synchronous_commit = off;
SET work_mem = '256MB';
SET maintenance_work_mem = '1GB';
SET max_parallel_maintenance_workers = 2;
ALTER SYSTEM SET checkpoint_timeout = '1h';
ALTER SYSTEM SET autovacuum = off;
SELECT pg_reload_conf();
SET session_replication_role = replica; -- without triggers

-- step: entries
INSERT INTO entries SELECT translate(md5(number::text), '0189', 'ghij'), merchant,
    CASE WHEN number % 3 = 0 THEN 'debit' ELSE 'credit' END, 100 + number % 900, 'BRL',
    (ARRAY['main', 'bank', 'card'])[1 + number % 3], day, day || 'T12:00:00-03:00',
    day + time '15:00' + place * interval '0.7 s',
    day + time '18:00' + number % 3600000 * interval '1 ms', 'joana',
    (ARRAY['sales', 'wages', 'pix', NULL])[1 + number % 4], 'Venda ' || number,
    CASE number WHEN 0 THEN 'needle' ELSE 'venda ' || number END, '{}',
    CASE WHEN number % 200 = 199 THEN translate(md5((number - 1)::text), '0189', 'ghij') END,
    md5(number::text) || 'text-digest', md5(number::text) || 'digest-----'
FROM (
    SELECT number, CASE WHEN number % 5 = 0 THEN 'm0000'
            ELSE 'm' || lpad((1 + number % (:merchants - 1))::text, 4, '0') END AS merchant,
        :first + (number * :days / :entries)::integer AS day, number % 40000 AS place
    FROM generate_series(0::bigint, :entries - 1) AS number
    UNION ALL
    SELECT :entries + number, 'm0000', :large_day, greatest(0, number - :entries / 100)
    FROM generate_series(0::bigint, :entries / 50 - 1) AS number
) AS seeded;

-- step: totals
INSERT INTO merchants SELECT merchant_id, max(recorded_at) FROM entries GROUP BY merchant_id;
INSERT INTO day_totals SELECT merchant_id, currency, day, account,
    coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0),
    coalesce(sum(amount_minor) FILTER (WHERE type = 'debit'), 0), count(*)
FROM entries GROUP BY 1, 2, 3, 4;
INSERT INTO category_totals SELECT merchant_id, currency, day, coalesce(category, ''),
    coalesce(sum(amount_minor) FILTER (WHERE type = 'credit'), 0),
    coalesce(sum(amount_minor) FILTER (WHERE type = 'debit'), 0), count(*)
FROM entries GROUP BY 1, 2, 3, 4;
INSERT INTO month_totals SELECT merchant_id, currency, date_trunc('month', day::timestamp), account,
    sum(credits_minor), sum(debits_minor), sum(entries) FROM day_totals GROUP BY 1, 2, 3, 4;
INSERT INTO year_totals SELECT merchant_id, currency, date_trunc('year', month::timestamp), account,
    sum(credits_minor), sum(debits_minor), sum(entries) FROM month_totals GROUP BY 1, 2, 3, 4;

-- step: closings
ALTER TABLE closings DROP CONSTRAINT closings_check; -- it parses each row's JSON six times
INSERT INTO closings (merchant_id, day, version, sequence, root, key_id, published, run)
SELECT merchant_id, day, 1, sequence, root, 'key', json_build_object('merchant', merchant_id,
    'day', day::text, 'version', 1, 'sequence', sequence, 'root', root, 'key_id', 'key',
    'entries_root', root, 'previous_root', root, 'signature', repeat('s', 96)), 'night ' || day
FROM (
    SELECT merchant_id, day, md5(merchant_id || day) || md5(day::text) AS root,
        (row_number() OVER (PARTITION BY merchant_id ORDER BY day))::integer AS sequence
    FROM (SELECT DISTINCT merchant_id, day FROM day_totals WHERE day < :last) AS closed
) AS numbered;
INSERT INTO closing_effects (merchant_id, sequence, currency, account, day, net_minor, entries)
SELECT merchant_id, sequence, currency, account, day, credits_minor - debits_minor, entries
FROM day_totals JOIN closings USING (merchant_id, day);
INSERT INTO sealed_totals
SELECT merchant_id, period, date_trunc(period, day::timestamp)::date, currency, account,
    sum(net_minor), sum(entries)
FROM closing_effects CROSS JOIN (VALUES ('month'), ('year')) AS both_periods (period)
GROUP BY 1, 2, 3, 4, 5;
INSERT INTO sealed_entries (merchant_id, day, entry_id, version)
SELECT merchant_id, day, entry_id, 1 FROM entries WHERE day < :last
ORDER BY day, merchant_id, entry_id;
INSERT INTO closing_subtrees SELECT merchant_id, day, 1, max(entry_id), md5(min(entry_id))
FROM (
    SELECT merchant_id, day, entry_id, row_number() OVER (ORDER BY entry_id) / 256 AS subtree
    FROM sealed_entries WHERE merchant_id = 'm0000' AND day = :large_day
) AS leaves
GROUP BY merchant_id, day, subtree;
INSERT INTO reconciliations SELECT merchant_id, :last - 1 FROM merchants;
INSERT INTO unsealed_days SELECT DISTINCT merchant_id, day, 1 FROM entries WHERE day = :last;
INSERT INTO signing_keys (key_id, public_key) VALUES ('key', 'PEM');
