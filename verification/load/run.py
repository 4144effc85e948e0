"""The load: over HTTP, through warm functions, and then as much as this machine carries."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from verification.benchmarks.events import post_entry
from verification.fault_injection.audit import audit, with_repairs
from verification.fault_injection.book import Book
from verification.fault_injection.consumer import Consumer
from verification.fault_injection.poison import held_back
from verification.fault_injection.writing import Writer
from verification.load import sizing
from verification.load.arrivals import Ask, Told, arrivals, offer
from verification.load.functions import Function, functions
from verification.load.http_askers import HttpClient, close_all
from verification.load.outcome import Extent, Outcome, Phase
from verification.load.requests import Question, questions
from verification.load.search import highest, is_carried
from verification.load.sizing import Cost
from verification.load.writes import Post, Writes
from verification.local_cluster import (
    PROJECTOR,
    ClusterDownError,
    Laptop,
    Tell,
    kill,
    laptop,
    wait_until,
)

MERCHANT, USER = "padaria", "operator"
CALLS_FOR_COST = 300
WARM_UPS = 5
_TRIES = 8
Read = Callable[[Question], bool]


def run(extent: Extent, tell: Tell) -> Outcome:
    """Load a laptop cloud of its own; raises when it does not start or does not catch up."""
    with laptop(tell) as cloud, functions(extent.functions + 1, _variables(cloud)) as warm:
        return Load(extent, cloud, warm, tell).run()


class Load:
    """The phases over one cloud; of the warm functions the last one writes, the others read."""

    def __init__(self, extent: Extent, cloud: Laptop, warm: Sequence[Function], tell: Tell) -> None:
        self._extent, self._cloud, self._tell = extent, cloud, tell
        self._readers, self._writer = warm[:-1], warm[-1]
        self._book = Book()
        self._consumer = Consumer(cloud, USER, MERCHANT)
        self._runs = 0

    def run(self) -> Outcome:
        """Go through all phases; what was written must be there at the end, and nothing else."""
        extent = self._extent
        self._tell(f"  writing a history of {extent.history:,} entries …")
        Writer(self._consumer, self._book, "history", keys="history").write(extent.history)
        self._catch_up()
        http = self._over_http("over HTTP", extent.seconds)
        down = self._while_the_projector_is_down()
        cost = _cost(self._readers[0], extent)
        pool = self._through_functions(extent.pool_rate, extent.seconds)
        most = self._as_much_as_it_carries()
        self._catch_up()
        return Outcome(
            extent=extent,
            http=http,
            projector_down=down,
            pool=pool,
            highest=most,
            cost=cost,
            capacity=round(sizing.capacity(cost), 1),
            needs=sizing.needs(cost),
            audit=with_repairs(audit(self._book, [self._consumer]), self._cloud),
        )

    def _over_http(self, name: str, seconds: float) -> Phase:
        token, base_url = self._consumer.token(), self._cloud.endpoints["base_url"]
        askers = [HttpClient(base_url, token) for _ in range(self._extent.connections + 1)]
        try:
            _warm_up(askers, self._extent.seed)
            reads = [asker.read for asker in askers[1:]]
            return self._phase(name, self._extent.http_rate, seconds, reads, askers[0].write)
        finally:
            close_all(askers)

    def _while_the_projector_is_down(self) -> Phase:
        with held_back(self._cloud):
            for worker in self._cloud.workers(PROJECTOR):
                kill(worker)
            phase = self._over_http("over HTTP, no projector", self._extent.seconds / 4)
        self._catch_up()
        return phase

    def _through_functions(self, rate: float, seconds: float) -> Phase:
        reads = [_reader(function) for function in self._readers]
        return self._phase("warm functions", rate, seconds, reads, _poster(self._writer))

    def _as_much_as_it_carries(self) -> Phase:
        def trial(rate: float) -> Told:
            return self._through_functions(rate, self._extent.trial_seconds).reads

        rate = highest(trial, self._extent.pool_rate, self._extent.most)
        for _ in range(_TRIES):
            phase = self._through_functions(rate, self._extent.seconds)
            if is_carried(phase.reads):
                break
            rate *= 0.8  # the whole time is harder than a trial
        return phase

    def _phase(
        self, name: str, rate: float, seconds: float, reads: Sequence[Read], post: Post
    ) -> Phase:
        self._runs += 1
        seed = self._extent.seed + self._runs
        writes = Writes(self._book, MERCHANT, f"load-{seed}-{self._runs}")
        due, beside = arrivals(rate, seconds, seed), arrivals(self._extent.writes, seconds, -seed)
        request = questions(len(due), seed)
        with ThreadPoolExecutor(1) as other:
            written = other.submit(offer, beside, [writes.by(post)], self._extent.writes)
            result = offer(due, [_asking(request, read) for read in reads], rate)
        writes.settle(self._consumer)
        self._tell(_line(name, result) + f"; {written.result().lost} writes lost")
        return Phase(result, written.result())

    def _catch_up(self) -> None:
        """Wait until everything that was accepted is in the balances."""
        newest = self._book.of_merchant(MERCHANT)[-1]
        path = f"/v1/daily-balances/{newest.day}?after={newest.entry_id}"

        def is_there() -> bool:
            return bool(self._consumer.get(path)["freshness"]["complete"])

        wait_until(is_there, "the read model did not catch up", self._cloud.log)


def _warm_up(askers: Sequence[HttpClient], seed: int) -> None:
    """Let every connection ask at once, until there is a warm function for each."""
    request = questions(WARM_UPS, seed)
    with ThreadPoolExecutor(len(askers)) as together:
        for question in request:
            list(together.map(HttpClient.read, askers, [question] * len(askers)))


def _asking(asked: Sequence[Question], read: Read) -> Ask:
    return lambda number: read(asked[number])


def _reader(function: Function) -> Read:
    def read(question: Question) -> bool:
        answer = function.invoke(question.event(MERCHANT))
        return question.is_answered(answer["status"], answer["body"])

    return read


def _poster(function: Function) -> Post:
    def post(body: dict[str, Any], key: str) -> Any:
        answer = function.invoke(post_entry(body, key, MERCHANT))
        return json.loads(answer["body"]) if answer["status"] == 201 else None

    return post


def _cost(function: Function, extent: Extent) -> Cost:
    """Return what one request costs a warm function that has the machine for itself."""
    read = _reader(function)
    for question in questions(CALLS_FOR_COST // 3, extent.seed):
        read(question)
    before = (function.invocations, function.cpu, function.busy)
    request = questions(CALLS_FOR_COST, extent.seed)
    if not all(map(read, request)):
        raise ClusterDownError("reads failed while the machine had nothing else to do")
    calls, cpu, busy = (
        now - then
        for now, then in zip(
            (function.invocations, function.cpu, function.busy), before, strict=True
        )
    )
    return Cost(cpu / calls, max(0.0, busy - cpu) / calls)


def _line(name: str, told: Told) -> str:
    return (
        f"  {name}, {told.rate:,.0f}/s for {told.seconds:.0f} s: {told.lost} of {told.requests:,} "
        f"lost, p50 {told.p50_ms} ms, p99 {told.p99_ms} ms"
    )


def _variables(cloud: Laptop) -> dict[str, str]:
    variables: dict[str, str] = cloud.endpoints["variables"]
    return variables
