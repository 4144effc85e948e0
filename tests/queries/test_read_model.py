"""PostgreSQL down, frozen, or back again, and many readers at once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from chalicelib.ledger.errors import ReadModelUnavailableError
from chalicelib.projection.project import project
from chalicelib.queries.daily_balances import BalanceQuery
from chalicelib.queries.read_model import ReadModel
from chalicelib.storage.postgres import Connections
from local.ports import free_port
from local.stores.postgres import Postgres
from tests.fixtures.database import ReadModelDatabase
from tests.fixtures.projection import Projection, connections
from tests.fixtures.threads import together
from tests.queries.test_daily_balances import DAY
from verification.kit.fault_proxy import Cut, FaultProxy
from verification.kit.generators import all_inserted, entry

TIMEOUT = 0.3


@pytest.fixture
def question(projection: Projection, merchant: str) -> BalanceQuery:
    """A question whose answer closes at 1.00."""
    project(all_inserted([entry(merchant, "one")]), projection.ports)
    return BalanceQuery(merchant, DAY, DAY, None, "BRL")


@pytest.fixture
def impatient(read_model_database: ReadModelDatabase) -> Iterator[Callable[..., ReadModel]]:
    """Make a read model that waits 0.3 s for answers."""
    made: list[Connections] = []

    def make(port: int | None = None, window: float = 3.0) -> ReadModel:
        database = replace(read_model_database, port=port or read_model_database.port)
        made.append(connections(database, "livro_reader", TIMEOUT))
        return ReadModel(made[-1], window)

    yield make
    for kept in made:
        kept.close()


def _in_vain(read_model: ReadModel, question: BalanceQuery) -> None:
    with pytest.raises(ReadModelUnavailableError) as result:
        read_model.balances(question)
    assert result.value.retry_after >= 1


def test_a_read_model_out_of_reach_is_left_alone_for_three_seconds() -> None:
    request: list[bool] = []

    def refuse() -> object:
        request.append(True)
        raise ConnectionRefusedError

    read_model = ReadModel(Connections(refuse))
    for _ in range(5):
        with pytest.raises(ReadModelUnavailableError) as result:
            read_model.ask("SELECT 1")
        assert result.value.retry_after == 3
    assert request == [True]


def test_a_server_that_is_down_is_unavailable(
    impatient: Callable[..., ReadModel], question: BalanceQuery
) -> None:
    _in_vain(impatient(port=free_port()), question)


def test_a_frozen_server_costs_one_time_out_and_then_nothing_while_the_breaker_is_open(
    impatient: Callable[..., ReadModel],
    question: BalanceQuery,
    postgres: Postgres,
    capsys: pytest.CaptureFixture[str],
) -> None:
    read_model = impatient()
    read_model.balances(question)
    postgres.server.freeze()
    try:
        for _ in range(50):
            _in_vain(read_model, question)
    finally:
        postgres.server.thaw()
    assert capsys.readouterr().out.count('"read_model_out_of_reach"') == 1


def test_a_server_that_is_back_is_asked_again_after_the_window(
    impatient: Callable[..., ReadModel], question: BalanceQuery, postgres: Postgres
) -> None:
    read_model = impatient(window=0.0)
    read_model.balances(question)
    postgres.server.freeze()
    try:
        _in_vain(read_model, question)
    finally:
        postgres.server.thaw()
    assert read_model.balances(question).totals[DAY].credits_minor == 100


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_kept_connection_that_broke_is_replaced_unnoticed(
    impatient: Callable[..., ReadModel],
    question: BalanceQuery,
    fault_proxy: FaultProxy,
    cut: Cut,
) -> None:
    read_model = impatient(port=fault_proxy.port)
    read_model.balances(question)
    fault_proxy.cut(cut)
    assert read_model.balances(question).totals[DAY].credits_minor == 100
    assert fault_proxy.cuts == 1


def test_a_read_model_that_is_not_migrated_yet_is_unavailable(
    postgres: Postgres, question: BalanceQuery, read_model_database: ReadModelDatabase
) -> None:
    bare = replace(read_model_database, name="postgres")
    kept = connections(bare, "livro_reader")
    _in_vain(ReadModel(kept), question)
    kept.close()


@pytest.fixture
def strict(read_model_database: ReadModelDatabase) -> Iterator[ReadModel]:
    """A read model whose server ends each question after 0.1 s."""

    def connect() -> object:
        connection = read_model_database.connect("livro_reader")
        connection.run("SET statement_timeout = '100ms'")
        return connection

    kept = Connections(connect)
    yield ReadModel(kept)
    kept.close()


def _ask_too_much(read_model: ReadModel, merchant: str) -> None:
    slow = "SELECT CAST(:merchant AS text) || pg_sleep(5)"
    with pytest.raises(ReadModelUnavailableError, match="took too long"):
        read_model.ask(slow, merchant=merchant)


def test_a_merchants_questions_that_take_too_long_keep_nobody_else_from_asking(
    strict: ReadModel, question: BalanceQuery
) -> None:
    for _ in range(3):
        _ask_too_much(strict, "slow")
    assert strict.balances(question).totals[DAY].credits_minor == 100


def test_an_answer_in_between_says_that_the_server_is_well(
    strict: ReadModel, question: BalanceQuery
) -> None:
    for number in range(6):
        _ask_too_much(strict, f"slow-{number}")
        assert strict.balances(question).totals[DAY].credits_minor == 100


def test_a_server_that_is_too_slow_for_several_merchants_in_a_row_is_left_alone(
    strict: ReadModel, question: BalanceQuery, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        _ask_too_much(strict, f"slow-{number}")
    with pytest.raises(ReadModelUnavailableError, match="does not answer"):
        strict.ask("SELECT CAST(:merchant AS text) || pg_sleep(5)", merchant="one-more")
    capsys.readouterr()
    _in_vain(strict, question)
    assert capsys.readouterr().out == ""


def test_one_who_asks_too_much_does_not_shut_the_others_out_again(
    strict: ReadModel, question: BalanceQuery
) -> None:
    at_once = ReadModel(strict._connections, window=0.0)
    for number in range(3):
        with pytest.raises(ReadModelUnavailableError):
            at_once.ask("SELECT CAST(:merchant AS text) || pg_sleep(5)", merchant=f"slow-{number}")
    for _ in range(3):
        _ask_too_much(at_once, "slow-0")
        assert at_once.balances(question).totals[DAY].credits_minor == 100


def test_many_threads_share_a_few_connections_and_never_an_answer(
    read_model_database: ReadModelDatabase, projection: Projection, merchant: str
) -> None:
    merchants = [f"{merchant}-{number}" for number in range(12)]
    amounts = {one: 100 + number for number, one in enumerate(merchants)}
    many = [entry(one, "only", amount_minor=amount) for one, amount in amounts.items()]
    project(all_inserted(many), projection.ports)
    most: list[int] = [0]
    kept = Connections(_counting(read_model_database, most), limit=4, wait=10.0)
    read_model = ReadModel(kept)

    def ask(one: str) -> None:
        for _ in range(40):
            reading = read_model.balances(BalanceQuery(one, DAY, DAY, None, "BRL"))
            assert reading.totals[DAY].credits_minor == amounts[one]

    together(*(lambda one=one: ask(one) for one in merchants))
    kept.close()
    assert 1 <= most[0] <= 4


def _counting(database: ReadModelDatabase, made: list[int]) -> Callable[[], object]:
    lock = threading.Lock()

    def connect() -> object:
        with lock:
            made[0] += 1
        return database.connect("livro_reader")

    return connect


def test_who_finds_every_connection_taken_is_told_so(
    read_model_database: ReadModelDatabase, question: BalanceQuery
) -> None:
    kept = Connections(lambda: read_model_database.connect("livro_reader"), 1, wait=0.05)
    taken, done = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        taken.set()
        done.wait()

    holder = threading.Thread(target=kept.use, args=(hold,))
    holder.start()
    taken.wait()
    _in_vain(ReadModel(kept, window=0.0), question)
    done.set()
    holder.join()
    kept.close()
