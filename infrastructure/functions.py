"""The Lambda functions: what each is called, what it gets, and what it holds at most.

One table serves the merge template, the log groups, the stage settings of `chalice deploy` and the
arithmetic of database connections. A function that app.py gains is named here.
"""

from dataclasses import dataclass

APPLICATION = "livro-caixa"
REST = "api_handler"


@dataclass(frozen=True, slots=True)
class Function:
    """One function of app.py, under its Chalice name.

    `small` and `large` say how many calls may run at once on a stage of that size; None takes what
    the account has left. `sessions` are the PostgreSQL connections that one call may hold; who has
    none and no fast memory stays outside the private network, where a cold start is shorter.
    """

    name: str
    timeout_seconds: int
    memory_mb: int
    small: int | None
    large: int | None
    sessions: int = 0

    @property
    def suffix(self) -> str:
        """What follows `<application>-<stage>` in its AWS name; Chalice gives the REST one none."""
        return "" if self.name == REST else f"-{self.name}"

    @property
    def logical_name(self) -> str:
        """Its name in the template that Chalice writes."""
        return "APIHandler" if self.name == REST else self.name.title().replace("_", "")

    @property
    def in_network(self) -> bool:
        """Whether it runs inside the private network."""
        return self.sessions > 0

    def aws_name(self, stage: str) -> str:
        """Return its name in AWS."""
        return f"{APPLICATION}-{stage}{self.suffix}"


# API Gateway waits 29 s; SQL that a request runs gives up after 1 s. The projector's time-out is a
# sixth of what a redelivered batch may wait. Lambda's longest is 900 s. As many ranges of a night
# run at once as the state machine lets (MaxConcurrency); a range that repairs holds a second
# session for the length of the repair.
FUNCTIONS = (
    Function(REST, timeout_seconds=29, memory_mb=1024, small=30, large=300, sessions=1),
    Function("projector", timeout_seconds=60, memory_mb=1024, small=4, large=16, sessions=1),
    Function("pre_token", timeout_seconds=5, memory_mb=512, small=None, large=None),
    Function("migrate", timeout_seconds=300, memory_mb=256, small=1, large=1, sessions=1),
    Function("rebuild", timeout_seconds=900, memory_mb=1024, small=1, large=2, sessions=1),
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
    # Its requests wait up to 8 s each; outside the network, it comes in as everybody does.
    Function("canary", timeout_seconds=120, memory_mb=256, small=None, large=None),
)


def function(name: str) -> Function:
    """Return the function of that Chalice name; raise KeyError where app.py has none."""
    return {one.name: one for one in FUNCTIONS}[name]
