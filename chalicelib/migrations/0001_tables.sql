-- The read model: entries as the ledger recorded them, and their sums by day, month and year.
--
-- Everything here can be made again from the ledger. Money is in minor units. A balance is a sum of
-- totals and never a stored row, so an entry of long ago corrects every later day by itself.
-- Keys are in the "C" collation: the same order on every server, and no index breaks when a
-- server's language data change.

CREATE TABLE entries (
    entry_id text COLLATE "C" PRIMARY KEY CHECK (length(entry_id) = 32),
    merchant_id text COLLATE "C" NOT NULL CHECK (merchant_id <> ''),
    type text COLLATE "C" NOT NULL CHECK (type IN ('credit', 'debit')),
    amount_minor bigint NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999999),
    currency text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    account text COLLATE "C" NOT NULL CHECK (account <> ''),
    day date NOT NULL,
    occurred_at text NOT NULL,             -- as it was sent, with its own offset
    occurred_instant timestamptz NOT NULL, -- the same moment, to order by
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL,
    category text COLLATE "C" CHECK (category <> ''),
    description text,
    search_text text COLLATE "C",          -- the description without accents and capitals
    metadata jsonb NOT NULL CHECK (jsonb_typeof(metadata) = 'object'),
    reverses text COLLATE "C",
    text_digest text NOT NULL,
    content_digest text NOT NULL           -- of all that the ledger says; another one is an alarm
);

-- The order of lists, and the key of their cursors: nothing in it ever changes.
CREATE INDEX entries_in_order ON entries (merchant_id, day, occurred_instant, entry_id);
CREATE INDEX entries_by_reversed ON entries (reverses) WHERE reverses IS NOT NULL;

-- One row a merchant: how far the read model is, and the lock that whoever changes the merchant's
-- entries or totals takes first.
CREATE TABLE merchants (
    merchant_id text COLLATE "C" PRIMARY KEY,
    newest_recorded_at timestamptz
) WITH (fillfactor = 70);

-- Totals are updated over and over, so their pages keep room for the next version of a row.
CREATE TABLE day_totals (
    merchant_id text COLLATE "C",
    currency text COLLATE "C",
    day date,
    account text COLLATE "C",
    credits_minor numeric(38, 0) NOT NULL,
    debits_minor numeric(38, 0) NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (merchant_id, currency, day, account)
) WITH (fillfactor = 70);

CREATE TABLE month_totals (
    merchant_id text COLLATE "C",
    currency text COLLATE "C",
    month date CHECK (extract(day FROM month) = 1),
    account text COLLATE "C",
    credits_minor numeric(38, 0) NOT NULL,
    debits_minor numeric(38, 0) NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (merchant_id, currency, month, account)
) WITH (fillfactor = 70);

CREATE TABLE year_totals (
    merchant_id text COLLATE "C",
    currency text COLLATE "C",
    year date CHECK (extract(doy FROM year) = 1),
    account text COLLATE "C",
    credits_minor numeric(38, 0) NOT NULL,
    debits_minor numeric(38, 0) NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (merchant_id, currency, year, account)
) WITH (fillfactor = 70);

-- For the cash flow; '' stands for entries without a category, since a key cannot be null.
CREATE TABLE category_totals (
    merchant_id text COLLATE "C",
    currency text COLLATE "C",
    day date,
    category text COLLATE "C",
    credits_minor numeric(38, 0) NOT NULL,
    debits_minor numeric(38, 0) NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (merchant_id, currency, day, category)
) WITH (fillfactor = 70);

-- The key that cursors are sealed with: made here and kept here, so no deployment carries a secret.
-- gen_random_uuid() draws 122 bits from the strong generator; two of them make 244.
CREATE TABLE cursor_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    secret bytea NOT NULL
);
INSERT INTO cursor_key (secret)
VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
