"""The Lambda functions: names, memory, timeouts, concurrency and database connections.

This table is the source of the merge template, the log groups, the stage settings of `chalice
deploy` and the limit of database connections. Every function of app.py is listed here.
"""

from dataclasses import dataclass

APPLICATION = "livro-caixa"
REST = "api_handler"
PROJECTOR = "projector"


@dataclass(frozen=True, slots=True)
class Function:
    """One function of app.py, under its Chalice name.

    `small` and `large` are the reserved concurrency on a stage of that size; None reserves none.
    A deployment gives the projector more where the stream has more shards (Size.reservations).
    `sessions` is the number of PostgreSQL connections that a call may hold; functions without any
    run outside the private network, where a cold start is shorter.
    """

    name: str
    timeout_seconds: int
    memory_mb: int
    small: int | None
    large: int | None
    sessions: int = 0

    @property
    def suffix(self) -> str:
        """The end of its AWS name, after `<application>-<stage>`; empty for the REST function."""
        return "" if self.name == REST else f"-{self.name}"

    @property
    def logical_name(self) -> str:
        """Its logical name in Chalice's template."""
        return "APIHandler" if self.name == REST else self.name.title().replace("_", "")

    @property
    def in_network(self) -> bool:
        """Whether it runs inside the private network."""
        return self.sessions > 0

    def aws_name(self, stage: str) -> str:
        """Return its name in AWS."""
        return f"{APPLICATION}-{stage}{self.suffix}"


# API Gateway waits 29 s; SQL of a request times out after 1 s. Lambda's longest timeout is 900 s.
# The projector's timeout is a sixth of the longest wait of a redelivered batch. Ranges of a
# consolidation run in parallel up to the size's ranges_at_once, beside the runs that merchants
# start, and a range that repairs entries holds a second session during the repair.
FUNCTIONS = (
    Function(REST, timeout_seconds=29, memory_mb=1024, small=28, large=300, sessions=1),
    Function(PROJECTOR, timeout_seconds=60, memory_mb=1024, small=6, large=16, sessions=1),
    Function("pre_token", timeout_seconds=5, memory_mb=512, small=None, large=None),
    Function("migrate", timeout_seconds=900, memory_mb=256, small=1, large=1, sessions=1),
    # As many parts of a load at once, each with a whole vCPU, which it parses with.
    Function("rebuild", timeout_seconds=900, memory_mb=1769, small=4, large=16, sessions=1),
    Function("await_projection", timeout_seconds=60, memory_mb=512, small=1, large=4, sessions=1),
    Function(
        "plan_consolidation", timeout_seconds=120, memory_mb=512, small=1, large=4, sessions=1
    ),
    Function(
        "consolidate_range", timeout_seconds=900, memory_mb=2048, small=8, large=16, sessions=2
    ),
    Function(
        "summarize_consolidation", timeout_seconds=60, memory_mb=512, small=1, large=4, sessions=1
    ),
    Function("nightly", timeout_seconds=15, memory_mb=256, small=None, large=None),
    # Its requests wait up to 8 s each. It runs outside the network, to call the API as clients do.
    Function("canary", timeout_seconds=120, memory_mb=256, small=None, large=None),
)


def function(name: str) -> Function:
    """Return the function of that Chalice name; raise KeyError where app.py has none."""
    return {function.name: function for function in FUNCTIONS}[name]
