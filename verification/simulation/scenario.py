"""A scenario: some days of merchants' work, store faults and nightly runs, drawn from one seed.

Each scenario draws its own weights of actions and its own faults; in a few the stream loses records
or somebody alters the read model. At the end nothing fails any more, the rest is delivered, the
days are closed, and every invariant is checked to the cent.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import timedelta

from verification.kit.reference_model import ReferenceLedger
from verification.simulation import (
    actions,
    closing_invariants,
    final_invariants,
    import_invariants,
)
from verification.simulation.action_table import ACTIONS, random_weights
from verification.simulation.context import Context
from verification.simulation.merchants import Merchants, check_erased_texts
from verification.simulation.nightly_runs import NightlyRuns
from verification.simulation.opening_invariants import check_openings
from verification.simulation.schedule import EndlessRunError
from verification.simulation.stores.stream import SHARDS
from verification.simulation.violations import ALARM, LOST, STUCK, InvariantError, check
from verification.simulation.world import World

Twist = Callable[[World], None]
"""Changes a world before its scenario begins; mutants are planted by it."""


@dataclass(frozen=True)
class ScenarioResult:
    """Counts of what happened, and the trace with its digest."""

    counts: Counter[str]
    digest: str
    trace: Sequence[str]


def untraced(world: World) -> None:
    """Keep no trace, for a scenario whose digest is compared with nothing."""
    world.trace.is_kept = False


def run_scenario(seed: object, *twists: Twist) -> ScenarioResult:
    """Run the scenario of a seed; raise InvariantError when an invariant is violated."""
    world = World(seed)
    for twist in twists:
        twist(world)
    scenario = Scenario(world)
    with redirect_stdout(world.log):
        try:
            scenario.run()
            scenario.settle()
        except EndlessRunError as error:
            raise InvariantError(STUCK, str(error)) from error
    world.trace_stores()
    return ScenarioResult(scenario.counts(), world.trace.digest(), world.trace.lines)


class Scenario:
    """The scenario of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._chance = world.chance("story")
        has_long_history = world.clock.today.year > 2020
        self.context = Context(
            world,
            Merchants(world),
            NightlyRuns(world, is_impatient=self._chance.random() < 0.3),
            longest_ago=timedelta(days=1700 if has_long_history else 250),
        )
        self._weights = random_weights(self._chance, world.chance("imports"))
        self._published: closing_invariants.Published = {}

    def run(self) -> None:
        """Run random actions, day after day."""
        for _ in range(self._chance.randint(2, 5)):
            for _ in range(self._chance.randint(4, 22)):
                self._step()
            self.world.clock.leap(timedelta(hours=self._chance.choice((8, 15, 24, 30))))
            self.context.backup = self.world.tables.backup()
            if self.world.tables.is_being_rebuilt:  # a rebuild that failed is repeated
                self.world.schedule.start(lambda: actions.run_rebuild(self.world, None, tries=3))
            self._act("start nightly run")
            if self._chance.random() < 0.4:
                self._act("close day")
            for _ in range(self._chance.choice((0, 3, 8))):
                # Yesterday's last entries arrive while yesterday is closed.
                self._act("record late entry")
                self.world.schedule.run(self._chance.randrange(40))

    def settle(self) -> None:
        """Let nothing fail any more, finish all work, and check every invariant."""
        self.world.trace.add("no faults from now on", self.world.clock.now)
        self.world.calm()
        self.world.schedule.run()
        self.context.importers.finish()
        self._deliver_all()
        ledger = accepted_entries(self.context)
        is_rebuilt = self._needs_repair and self._chance.random() < 0.5
        # A restore is followed by a rebuild, and a rebuild that failed is repeated.
        is_rebuilt = is_rebuilt or self.context.is_restored or self.world.tables.is_being_rebuilt
        if is_rebuilt:
            for _ in range(3):  # otherwise a rebuild would seldom have much to repair
                self._act("alter read model")
            is_done = actions.run_rebuild(self.world, None)
            check(is_done, STUCK, "a rebuild fails although every store works")
        if is_rebuilt or not self._needs_repair:
            final_invariants.check_read_model(self.world, ledger)
        if self.context.has_lost_marks or (self._needs_repair and not is_rebuilt):
            self._run_thirty_nights()
        self.world.clock.leap(timedelta(days=2))
        close_all(self.context, ledger)
        self._check_running()
        self._check_alarms()

    def counts(self) -> Counter[str]:
        """Count what happened, and what is stored at the end."""
        world, requests = self.world, self.context.merchants.log.requests
        faults = {f"fault: {fate.value}": count for fate, count in world.proxy.faults.items()}
        return Counter(
            {
                "calls": len(world.proxy.calls),
                "requests": len(requests),
                "imports": len(self.context.importers.imports),
                "sent": sum(request.sent for request in requests),
                "responses": sum(len(request.responses) + request.done for request in requests),
                "entries": len(final_invariants.ledger_entries(world)),
                "corrections": len(final_invariants.ledger_corrections(world)),
                "closings": len(world.tables.closings),
                "repairs": len(world.tables.repairs),
                "nightly runs": len(world.machine.names),
                **faults,
            }
        )

    @property
    def _needs_repair(self) -> bool:
        context = self.context
        return context.is_altered or context.is_restored or self.world.stream.trimmed > 0

    def _step(self) -> None:
        label = self._chance.choices(*self._weights)[0]
        self._act(label)
        if label in (
            "restore read model",
            "recreate read model",
        ):  # closings since the backup are in the bucket only
            self._published = closing_invariants.published(self.world)
        self.world.clock.leap(timedelta(seconds=self._chance.choice((0, 0, 1, 30, 900))))
        self.world.schedule.run(self._chance.choice((0, 3, 10, 40, 150)))
        self._check_running()
        self._published = closing_invariants.published(self.world)

    def _check_running(self) -> None:
        closing_invariants.check_unchanged(self.world, self._published)
        check_openings(self.context)
        closing_invariants.check_differences(self.world, self.context.is_altered)
        check_erased_texts(self.world, self.context.merchants.log)

    def _act(self, label: str) -> None:
        self.world.trace.add(f"action {label}", self.world.clock.now)
        ACTIONS[label](self.context, self._chance)

    def _deliver_all(self) -> None:
        for shard in range(SHARDS):
            while self.world.stream.behind(shard):
                before = self.world.stream.behind(shard)
                actions.project_batch(self.context, shard, 50)
                self.world.schedule.run()
                after = self.world.stream.behind(shard)
                check(after < before, STUCK, "the projector does not finish its batch")

    def _run_thirty_nights(self) -> None:
        # Only the first run may time out waiting for entries that the stream lost lately.
        for may_be_behind in (True, *[False] * 29):
            self.world.clock.leap(timedelta(days=1))
            self.context.runs.finish(self.world.clock.yesterday, may_be_behind)

    def _check_alarms(self) -> None:
        log, invalid = self.world.log.getvalue(), self.context.invalid_records
        if not self.context.is_altered:
            check("entry_differs" not in log, ALARM, "the log reports an entry that differs")
            has_mismatch = "SealMismatchError" in log and not self.context.is_restored
            check(not has_mismatch, ALARM, "the log reports a mismatch with a seal")
        sent = {_entry_id(message) for message in self.world.queue.messages}
        missing = [name for name in invalid if name not in sent]
        check(not missing or self.world.stream.trimmed > 0, LOST, f"{missing} are not dead letters")
        check(sent <= set(invalid), ALARM, f"{sent} are dead letters, and valid")


def accepted_entries(context: Context) -> ReferenceLedger:
    """Return the model of all entries, once every import is finished.

    Raises InvariantError if the ledger's table does not hold what requests and files say.
    """
    world, log = context.world, context.merchants.log
    import_invariants.check_imports(world, context.importers, log)
    return final_invariants.accepted_entries(world, log, import_invariants.imported_ids(world))


def close_all(context: Context, ledger: ReferenceLedger) -> None:
    """Close all days up to yesterday, and check everything against the model."""
    world, yesterday = context.world, context.world.clock.yesterday
    context.runs.finish(yesterday)
    if closing_invariants.has_restored(world):  # the next run delivers what this one restored
        context.runs.finish(yesterday)
    final_invariants.check_read_model(world, ledger)
    closing_invariants.check_chains(world)
    closing_invariants.check_all_closed(world, ledger, yesterday)


def _entry_id(message: Mapping[str, object]) -> str:
    record = message["record"]
    assert isinstance(record, dict)
    return str(record["dynamodb"]["Keys"]["entry_id"]["S"])
