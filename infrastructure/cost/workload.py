"""A month's work, by the number of its entries; what is assumed about it is said here once."""

from dataclasses import dataclass

DAYS = 30
HOURS = 730
BUSINESS_DAYS = 26
MONTHS_KEPT = 12
VOLUMES = (10_000, 1_000_000, 100_000_000)

# Each with the sentence that is printed beside the table.
ENTRIES_OF_A_MERCHANT = 1_000
USERS_OF_A_MERCHANT = 2
BALANCES_AN_ENTRY = 1.0
PAGES_AN_ENTRY = 0.2
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
POLLS_A_SHARD_SECOND = 4
SHARDS_AT_LEAST = 4
CANARY_REQUESTS = 12 * 24 * DAYS * 6
CANARY_TOKENS = DAYS * 24 / 4
NODE_UTILISATION = 0.5

ASSUMPTIONS = (
    f"a merchant records {ENTRIES_OF_A_MERCHANT:,} entries a month on {BUSINESS_DAYS} days and has "
    f"{USERS_OF_A_MERCHANT} users; the first 10,000 users of a month are free",
    f"for each entry a balance is read {BALANCES_AN_ENTRY:g} times and a page of entries "
    f"{PAGES_AN_ENTRY:g} times; the busiest second has {PEAK_FACTOR} times the average's requests",
    f"stored is what {MONTHS_KEPT} months of this volume leave behind",
    "a call's duration is its CPU time, measured here and stretched to the function's share of a "
    "core (memory / 1,769 MB), and its waits: "
    + ", ".join(f"{name} {1000 * s:g} ms" for name, s in ROUND_TRIP_SECONDS.items()),
    f"{COLD_SHARE:.0%} of the calls find no warm process and pay {COLD_SECONDS:g} s more",
    f"the stream's reader looks {POLLS_A_SHARD_SECOND} times a second at each of at least "
    f"{SHARDS_AT_LEAST} shards, and hands over what it finds",
    f"{TRACED_SHARE:.0%} of the requests are traced",
)


@dataclass(frozen=True, slots=True)
class Workload:
    """One month of so many entries."""

    entries: int

    @property
    def merchants(self) -> int:
        """How many merchants record."""
        return max(1, self.entries // ENTRIES_OF_A_MERCHANT)

    @property
    def paid_users(self) -> int:
        """Active users beyond those that Cognito gives for nothing."""
        return max(0, self.merchants * USERS_OF_A_MERCHANT - 10_000)

    @property
    def balances(self) -> float:
        """Balances read."""
        return self.entries * BALANCES_AN_ENTRY

    @property
    def pages(self) -> float:
        """Pages of entries read."""
        return self.entries * PAGES_AN_ENTRY

    @property
    def requests(self) -> float:
        """Requests in all, the canary's included."""
        return self.entries + self.balances + self.pages + CANARY_REQUESTS

    @property
    def closings(self) -> int:
        """Days closed."""
        return self.merchants * BUSINESS_DAYS

    @property
    def kept_entries(self) -> int:
        """Entries in store."""
        return self.entries * MONTHS_KEPT

    @property
    def a_second(self) -> float:
        """Entries in an average second."""
        return self.entries / (HOURS * 3600)

    @property
    def peak_requests(self) -> float:
        """Requests in the busiest second, and never fewer than the 50 that are asked of us."""
        return max(50.0, PEAK_FACTOR * self.requests / (HOURS * 3600))

    @property
    def batches(self) -> float:
        """Batches that the stream's reader hands over: one an entry, until entries come faster."""
        polls = SHARDS_AT_LEAST * POLLS_A_SHARD_SECOND
        return self.entries / max(1.0, self.a_second / polls)
