"""The read model while PostgreSQL is down, frozen or slow, and with many readers at once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial

import pytest

from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.queries.daily_balances import BalanceQuery
from chalicelib.queries.read_model import ReadModel
from chalicelib.storage.postgres import Connections
from local.ports import free_port
from local.stores.postgres import Postgres
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import Projection, connections
from tests.fixtures.threads import together
from tests.queries.book import DAY
from verification.kit.fault_proxy import Cut, FaultProxy
from verification.kit.generators import entry as make_entry

TIMEOUT = 0.3


@pytest.fixture
def query(projection: Projection, merchant: str) -> BalanceQuery:
    """A query whose result closes at 1.00."""
    projection.insert([make_entry(merchant, "one")])
    return BalanceQuery(merchant, DAY, DAY, None, "BRL")


@pytest.fixture
def impatient(read_model_database: ReadModelDatabase) -> Iterator[Callable[..., ReadModel]]:
    """Make a read model that waits 0.3 s for responses."""
    with ExitStack() as stack:

        def make(port: int | None = None, window: float = 3.0) -> ReadModel:
            database = replace(read_model_database, port=port or read_model_database.port)
            opened = stack.enter_context(closing(connections(database, "livro_reader", TIMEOUT)))
            return ReadModel(opened, window)

        yield make


def _expect_unavailable(read_model: ReadModel, query: BalanceQuery) -> None:
    with pytest.raises(ReadModelUnavailableError) as raised:
        read_model.balances(query)
    assert raised.value.retry_after >= 1


def test_reads_pause_three_seconds_after_a_failure() -> None:
    attempts: list[bool] = []

    def refuse() -> object:
        attempts.append(True)
        raise ConnectionRefusedError

    read_model = ReadModel(Connections(refuse))
    for _ in range(5):
        with pytest.raises(ReadModelUnavailableError) as raised:
            read_model.call("SELECT 1")
        assert raised.value.retry_after == 3
    assert attempts == [True]


def test_a_stopped_server_is_unavailable(
    impatient: Callable[..., ReadModel], query: BalanceQuery
) -> None:
    _expect_unavailable(impatient(port=free_port()), query)


def test_a_database_without_schema_is_unavailable(
    query: BalanceQuery, read_model_database: ReadModelDatabase
) -> None:
    bare = replace(read_model_database, name="postgres")
    with closing(connections(bare, "livro_reader")) as opened:
        _expect_unavailable(ReadModel(opened), query)


def test_a_frozen_server_costs_one_timeout(
    impatient: Callable[..., ReadModel],
    query: BalanceQuery,
    postgres: Postgres,
    capsys: pytest.CaptureFixture[str],
) -> None:
    read_model, at_once = impatient(), impatient(window=0.0)
    for reader in (read_model, at_once):
        reader.balances(query)
    postgres.server.freeze()
    try:
        for _ in range(50):
            _expect_unavailable(read_model, query)
        assert capsys.readouterr().out.count('"read_model_out_of_reach"') == 1
        _expect_unavailable(at_once, query)
    finally:
        postgres.server.thaw()
    assert at_once.balances(query).totals[DAY].credits_minor == 100


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_broken_connection_is_replaced(
    impatient: Callable[..., ReadModel], query: BalanceQuery, fault_proxy: FaultProxy, cut: Cut
) -> None:
    read_model = impatient(port=fault_proxy.port)
    read_model.balances(query)
    fault_proxy.cut(cut)
    assert read_model.balances(query).totals[DAY].credits_minor == 100
    assert fault_proxy.cuts == 1


@pytest.fixture
def impatient_server(read_model_database: ReadModelDatabase) -> Iterator[Connections]:
    """Connections to a server that ends each statement after 0.1 s."""

    def connect() -> object:
        connection = read_model_database.connect("livro_reader")
        connection.run("SET statement_timeout = '100ms'")
        return connection

    with closing(Connections(connect)) as opened:
        yield opened


@pytest.fixture
def strict(impatient_server: Connections) -> ReadModel:
    return ReadModel(impatient_server)


SLOW = "SELECT CAST(:merchant AS text) || pg_sleep(5)"


def _read_too_much(read_model: ReadModel, merchant: str, message: str = "took too long") -> None:
    with pytest.raises(ReadModelUnavailableError, match=message):
        read_model.call(SLOW, merchant=merchant)


def test_slow_queries_of_a_merchant_stop_no_other(strict: ReadModel, query: BalanceQuery) -> None:
    for _ in range(3):
        _read_too_much(strict, "slow")
    assert strict.balances(query).totals[DAY].credits_minor == 100


def test_a_response_resets_the_timeouts(strict: ReadModel, query: BalanceQuery) -> None:
    for number in range(6):
        _read_too_much(strict, f"slow-{number}")
        assert strict.balances(query).totals[DAY].credits_minor == 100


def test_a_call_may_have_its_own_limit(strict: ReadModel) -> None:
    slow = "SELECT '7' FROM pg_sleep(0.5) WHERE CAST(:merchant AS text) <> ''"
    assert strict.call(slow, time_limit=2, merchant="m") == 7
    assert strict.call("SELECT to_json(current_setting('statement_timeout'))::text") == "900ms"
    with pytest.raises(ReadModelUnavailableError, match="took too long"):
        strict.call(slow.replace("0.5", "3"), time_limit=1, merchant="m")


def test_timeouts_of_three_merchants_pause_reads(
    strict: ReadModel, query: BalanceQuery, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        _read_too_much(strict, f"slow-{number}")
    _read_too_much(strict, "one-more", "not available")
    capsys.readouterr()
    _expect_unavailable(strict, query)
    assert capsys.readouterr().out == ""


def test_a_slow_merchant_pauses_reads_only_once(
    impatient_server: Connections, query: BalanceQuery
) -> None:
    at_once = ReadModel(impatient_server, window=0.0)
    for number in range(3):
        _read_too_much(at_once, f"slow-{number}", "took too long|not available")
    for _ in range(3):
        _read_too_much(at_once, "slow-0")
        assert at_once.balances(query).totals[DAY].credits_minor == 100


def test_threads_share_connections_but_no_response(
    read_model_database: ReadModelDatabase, projection: Projection, merchant: str
) -> None:
    amounts = {f"{merchant}-{number}": 100 + number for number in range(12)}
    projection.insert(
        make_entry(name, "only", amount_minor=amount) for name, amount in amounts.items()
    )
    made: list[object] = []

    def connect() -> object:
        connection: object = read_model_database.connect("livro_reader")
        made.append(connection)
        return connection

    def read(name: str) -> None:
        for _ in range(40):
            rows = read_model.balances(BalanceQuery(name, DAY, DAY, None, "BRL"))
            assert rows.totals[DAY].credits_minor == amounts[name]

    with closing(Connections(connect, limit=4, wait=10.0)) as opened:
        read_model = ReadModel(opened)
        together(*(partial(read, name) for name in amounts))
    assert 1 <= len(made) <= 4
