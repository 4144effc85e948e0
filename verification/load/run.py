"""The phases of the load: over HTTP, with the projector down, warm functions, the highest rate."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from verification.benchmarks.events import post_entry
from verification.fault_injection.audit import audit, with_repairs
from verification.fault_injection.client import RetryingClient
from verification.fault_injection.dead_letters import stream_paused
from verification.fault_injection.expected_entry import AcceptedEntries
from verification.fault_injection.writing import Writer
from verification.kit.api_client import ApiClient, Response
from verification.load import sizing
from verification.load.functions import WarmFunction, warm_functions
from verification.load.open_loop import LoadResult, Send, arrival_times, highest, offer
from verification.load.outcome import Extent, Outcome, Phase
from verification.load.traffic import BalanceRead, KeptConnection, Post, Writes, balance_reads
from verification.local_cluster import (
    PROJECTOR,
    ClusterDownError,
    LocalCluster,
    Progress,
    kill,
    local_cluster,
    wait_until,
)

MERCHANT, USER = "padaria", "operator"
CALLS_FOR_COST = 300
WARM_UPS = 5
_TRIES = 8
Read = Callable[[BalanceRead], bool]


def run(extent: Extent, progress: Progress) -> Outcome:
    """Load a temporary cluster; raise ClusterDownError if it does not start or catch up."""
    with local_cluster(progress) as cluster:
        variables: dict[str, str] = cluster.endpoints["variables"]
        with warm_functions(extent.functions + 1, variables) as functions:
            return Load(extent, cluster, functions, progress).run()


class Load:
    """The phases on one cluster; the last of the warm functions writes, the others read."""

    def __init__(
        self,
        extent: Extent,
        cluster: LocalCluster,
        functions: Sequence[WarmFunction],
        progress: Progress,
    ) -> None:
        self._extent, self._cluster, self._progress = extent, cluster, progress
        self._readers, self._writer = functions[:-1], functions[-1]
        self._accepted = AcceptedEntries()
        self._client = RetryingClient(cluster, USER, MERCHANT)
        self._runs = 0

    def run(self) -> Outcome:
        """Run all phases, and audit what was written."""
        extent = self._extent
        self._progress(f"  writing a history of {extent.history:,} entries …")
        Writer(self._client, self._accepted, "history", keys="history").write(extent.history)
        self._catch_up()
        http = self._over_http("over HTTP", extent.seconds)
        down = self._while_the_projector_is_down()
        cost = _cost(self._readers[0], extent)
        pool = self._through_functions(extent.pool_rate, extent.seconds)
        most = self._highest_rate()
        self._catch_up()
        return Outcome(
            extent=extent,
            http=http,
            projector_down=down,
            pool=pool,
            highest=most,
            cost=cost,
            needs=sizing.needs(cost),
            audit=with_repairs(audit(self._accepted, [self._client]), self._cluster),
        )

    def _over_http(self, name: str, seconds: float) -> Phase:
        token, base_url = self._client.token(), self._cluster.endpoints["base_url"]
        connections = [KeptConnection(base_url) for _ in range(self._extent.connections + 1)]
        clients = [ApiClient(connection, token) for connection in connections]
        reads = [partial(_read_over_http, client) for client in clients]
        try:
            _warm_up(reads, self._extent.seed)
            post = partial(clients[0].post, "/v1/entries")
            return self._phase(name, self._extent.http_rate, seconds, reads[1:], post)
        finally:
            for connection in connections:
                connection.close()

    def _while_the_projector_is_down(self) -> Phase:
        with stream_paused(self._cluster):
            for pid in self._cluster.function_pids(PROJECTOR):
                kill(pid)
            phase = self._over_http("over HTTP, projector down", self._extent.seconds / 4)
        self._catch_up()
        return phase

    def _through_functions(self, rate: float, seconds: float) -> Phase:
        reads = [partial(_read_through, function) for function in self._readers]
        post = partial(_post_through, self._writer)
        return self._phase("warm functions", rate, seconds, reads, post)

    def _highest_rate(self) -> Phase:
        def trial(rate: float) -> LoadResult:
            return self._through_functions(rate, self._extent.trial_seconds).reads

        rate = highest(trial, self._extent.pool_rate, self._extent.most)
        for _ in range(_TRIES):
            phase = self._through_functions(rate, self._extent.seconds)
            if phase.reads.is_carried:
                break
            rate *= 0.8  # a whole phase is harder than a trial
        return phase

    def _phase(
        self, name: str, rate: float, seconds: float, reads: Sequence[Read], post: Post
    ) -> Phase:
        self._runs += 1
        seed = self._extent.seed + self._runs
        writes = Writes(self._accepted, MERCHANT, f"load-{seed}-{self._runs}")
        due = arrival_times(rate, seconds, seed)
        beside = arrival_times(self._extent.writes, seconds, -seed)
        requests = balance_reads(len(due), seed)
        with ThreadPoolExecutor(1) as pool:
            written = pool.submit(offer, beside, [writes.sender(post)], self._extent.writes)
            result = offer(due, [_sender(requests, read) for read in reads], rate)
        writes.repeat_unanswered(self._client)
        self._progress(
            f"  {name}, {result.rate:,.0f}/s for {result.seconds:.0f} s: {result.lost} of "
            f"{result.requests:,} lost, p50 {result.p50_ms} ms, p99 {result.p99_ms} ms; "
            f"{written.result().lost} writes lost"
        )
        return Phase(result, written.result())

    def _catch_up(self) -> None:
        """Wait until everything that was accepted is in the balances."""
        newest = next(reversed(self._accepted.reference.entries.values()))
        path = f"/v1/daily-balances/{newest.day}?after={newest.entry_id}"

        def has_caught_up() -> bool:
            return bool(self._client.get(path)["freshness"]["complete"])

        wait_until(has_caught_up, "the read model did not catch up", self._cluster.log)


def _warm_up(reads: Sequence[Read], seed: int) -> None:
    """Read on every connection at once, until there is a warm function for each."""
    with ThreadPoolExecutor(len(reads)) as pool:
        for request in balance_reads(WARM_UPS, seed):
            for read in [pool.submit(read, request) for read in reads]:
                read.result()


def _sender(requests: Sequence[BalanceRead], read: Read) -> Send:
    return lambda number: read(requests[number])


def _read_over_http(client: ApiClient, request: BalanceRead) -> bool:
    return request.is_right(client.get(request.path))


def _read_through(function: WarmFunction, request: BalanceRead) -> bool:
    return request.is_right(function.invoke(request.event(MERCHANT)))


def _post_through(function: WarmFunction, body: dict[str, Any], key: str) -> Response:
    return function.invoke(post_entry(body, key, MERCHANT))


def _cost(function: WarmFunction, extent: Extent) -> sizing.Cost:
    """Return what one request costs a warm function while nothing else runs."""
    for request in balance_reads(CALLS_FOR_COST // 3, extent.seed):
        _read_through(function, request)
    invocations, cpu, busy = function.invocations, function.cpu, function.busy
    requests = balance_reads(CALLS_FOR_COST, extent.seed)
    if not all(_read_through(function, request) for request in requests):
        raise ClusterDownError("reads failed while nothing else was running")
    calls = function.invocations - invocations
    cpu_seconds, busy_seconds = function.cpu - cpu, function.busy - busy
    return sizing.Cost(cpu_seconds / calls, max(0.0, busy_seconds - cpu_seconds) / calls)
