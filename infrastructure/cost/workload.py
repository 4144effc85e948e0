"""The workload of a month, by its number of entries, and all assumptions about it."""

from dataclasses import dataclass

DAYS = 30
HOURS = 730
BUSINESS_DAYS = 26
MONTHS_STORED = 12
VOLUMES = (10_000, 1_000_000, 100_000_000)

# Each has a sentence in ASSUMPTIONS, which are printed with the bill.
ENTRIES_OF_A_MERCHANT = 1_000
USERS_OF_A_MERCHANT = 2
BALANCES_PER_ENTRY = 1.0
PAGES_PER_ENTRY = 0.2
STATEMENTS_OF_A_MERCHANT = 2
FILES_OF_A_MERCHANT = 4
FILE_ROWS = 50
VISITS_OF_A_USER = 2 * BUSINESS_DAYS
ASSETS_OF_A_PAGE = 5
PEAK_FACTOR = 10
COLD_SHARE = 0.01
COLD_SECONDS = 1.0
TRACED_SHARE = 0.05
ROUND_TRIP_SECONDS = {
    "dynamodb": 0.005,
    "sqs": 0.010,
    "kms": 0.012,
    "s3": 0.030,
    "eventbridge": 0.015,
    "postgresql": 0.002,
}
POLLS_PER_SHARD_SECOND = 4
SHARDS_AT_LEAST = 4
CANARY_REQUESTS = 12 * 24 * DAYS * 6
CANARY_TOKENS = DAYS * 24 / 4
NODE_UTILISATION = 0.5

ASSUMPTIONS = (
    f"a merchant records {ENTRIES_OF_A_MERCHANT:,} entries a month on {BUSINESS_DAYS} days and has "
    f"{USERS_OF_A_MERCHANT} users; the first 10,000 users of a month are free",
    f"for each entry a balance is read {BALANCES_PER_ENTRY:g} times and a page of entries "
    f"{PAGES_PER_ENTRY:g} times; the busiest second has {PEAK_FACTOR} times the average's requests",
    f"a merchant makes {STATEMENTS_OF_A_MERCHANT} statements of a month, and imports "
    f"{FILES_OF_A_MERCHANT} bank files of {FILE_ROWS} rows, whose entries are further ones; a user "
    f"opens the dashboard {VISITS_OF_A_USER} times, and loads its {ASSETS_OF_A_PAGE} assets once",
    f"{MONTHS_STORED} months of this volume are stored",
    "a call's duration is its measured CPU time, divided by the function's share of a core "
    "(memory / 1,769 MB), plus its waits: "
    + ", ".join(f"{name} {1000 * s:g} ms" for name, s in ROUND_TRIP_SECONDS.items()),
    f"{COLD_SHARE:.0%} of the calls are cold starts and take {COLD_SECONDS:g} s longer",
    f"Lambda polls the stream {POLLS_PER_SHARD_SECOND} times a second on each of at least "
    f"{SHARDS_AT_LEAST} shards",
    f"{TRACED_SHARE:.0%} of the requests are traced",
)


@dataclass(frozen=True, slots=True)
class Workload:
    """The workload of one month with this number of entries."""

    entries: int

    @property
    def merchants(self) -> int:
        """The number of merchants."""
        return max(1, self.entries // ENTRIES_OF_A_MERCHANT)

    @property
    def active_merchants(self) -> int:
        """The number of merchants, none on an unused stage."""
        return self.merchants if self.entries else 0

    @property
    def paid_users(self) -> int:
        """Active users beyond Cognito's free tier."""
        return max(0, self.merchants * USERS_OF_A_MERCHANT - 10_000)

    @property
    def balances(self) -> float:
        """Balances read."""
        return self.entries * BALANCES_PER_ENTRY

    @property
    def pages(self) -> float:
        """Pages of entries read."""
        return self.entries * PAGES_PER_ENTRY

    @property
    def statements(self) -> int:
        """Statements of a month, as files."""
        return self.active_merchants * STATEMENTS_OF_A_MERCHANT

    @property
    def bank_files(self) -> int:
        """Bank files imported, each with a preview and a recording."""
        return self.active_merchants * FILES_OF_A_MERCHANT

    @property
    def web_pages(self) -> int:
        """Loads of web pages and of their assets."""
        users = self.active_merchants * USERS_OF_A_MERCHANT
        return users * (VISITS_OF_A_USER + ASSETS_OF_A_PAGE)

    @property
    def requests(self) -> float:
        """All requests, the canary's included."""
        of_merchants = self.entries + self.balances + self.pages + self.statements
        return of_merchants + 2 * self.bank_files + self.web_pages + CANARY_REQUESTS

    @property
    def closings(self) -> int:
        """Days closed."""
        return self.merchants * BUSINESS_DAYS

    @property
    def stored_entries(self) -> int:
        """Entries in the stores."""
        return self.entries * MONTHS_STORED

    @property
    def per_second(self) -> float:
        """Entries in an average second."""
        return self.entries / (HOURS * 3600)

    @property
    def peak_requests(self) -> float:
        """Requests in the busiest second; at least the 50 that the requirements demand."""
        return max(50.0, PEAK_FACTOR * self.requests / (HOURS * 3600))

    @property
    def batches(self) -> float:
        """Batches of the stream: one per entry, until entries arrive faster than polls."""
        polls = SHARDS_AT_LEAST * POLLS_PER_SHARD_SECOND
        return self.entries / max(1.0, self.per_second / polls)
