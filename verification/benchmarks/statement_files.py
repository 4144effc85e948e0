"""What the largest statement takes in each format, and what openpyxl and ReportLab take."""

import random
import resource
import time
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.util import find_spec

from chalicelib.commands import wiring as commands_wiring
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.statement import Statement
from chalicelib.projection.writer import Writer
from chalicelib.queries import statements, wiring
from infrastructure.functions import REST, function
from verification.benchmarks import Extent
from verification.benchmarks.beside_statements import (
    AT_ONCE,
    on_cores,
    others,
    post_seconds,
)
from verification.benchmarks.books import BUSY
from verification.benchmarks.events import CONTEXT, api_event
from verification.benchmarks.results import Comparison, Target, at_most
from verification.benchmarks.rounds import Contender, Measured, interleaved, silence_logs
from verification.benchmarks.servers import ReadModelServer, read_model_server
from verification.kit.bakery import BakerySettings
from verification.kit.generators import ZONE, change, iterate_entries

FORMATS = ("json", "csv", "xlsx", "pdf", "book", "ofx", "journal")
MOST_SECONDS, MOST_SECONDS_IN_LAMBDA = 5.0, 20.0
MOST_SLOWER = 1.2
"""How many times as long a POST may take beside statements."""
XLSX, PDF = "XlsxWriter", "pydyf"
OPENPYXL, REPORTLAB = "openpyxl", "ReportLab"
_FIRST, _LAST = date(2025, 11, 23), date(2026, 11, 23)
_MERCHANT, _ACCOUNT = "padaria", "main"
_MIX = replace(BUSY, accounts=(_ACCOUNT,))
_LETTERS = [chr(code) for code in (*range(0x21, 0x7F), *range(0xC0, 0x100))]
_CHARACTERS = [
    chr(code) for code in range(0xA1, 0x32000) if unicodedata.category(chr(code))[0] in "LMNPS"
]
WORST_TEXTS: Mapping[str, Callable[[random.Random], str]] = {
    "letters": lambda chance: "".join(chance.choices(_LETTERS, k=200)),
    "sounds": lambda chance: "".join(chance.choices("щШюя日", k=200)),
    "characters": lambda chance: "".join(chance.choices(_CHARACTERS, k=200)),
    "emoji": lambda _: "👍🏽" * 100,
}
"""Descriptions that take longest, by the merchant that has them; some files are then too large."""
_SLOW_FORMATS = ("json", "xlsx", "pdf", "book")
_CORE_MB = 1769
_ROUNDS = 3
_CHUNK = 5000
_ABOUT = (
    "CPU time of GET /v1/statements through the warm handler, from the event to the compressed "
    "response, with PostgreSQL on this machine: a year's entries of one account. Random texts have "
    "200 characters: the letters of the fonts, letters written by their sound, or all of Unicode. "
    "The estimate for Lambda divides by the function's share of a core ({memory:,} of 1,769 MB). "
    "Then the file "
    "alone: openpyxl (write-only) and ReportLab write only the entries, without days, categories "
    "or chart, and ReportLab cuts long texts instead of wrapping them."
)
_WHY = "Most of it is writing the file: wrapping texts, or one element of XML for each cell."
_WHY_POST = "They share only the processor's caches and memory, or the core where there is one."
File = Callable[[Statement, str], bytes]


def measure(extent: Extent) -> Comparison:
    """Return the CPU time of the largest statement, at most 20,000 entries, in each format."""
    count, rounds = min(extent.entries, statements.MOST_ENTRIES), min(extent.rounds, _ROUNDS)
    with ExitStack() as stack:
        with on_cores(others):
            server = stack.enter_context(read_model_server(durable=False))
        stack.enter_context(silence_logs())
        _fill(server, iterate_entries(5, count, [_MERCHANT], 364, _MIX))
        handlers = [Contender(name, partial(read_statement, name)) for name in FORMATS]
        whole = interleaved(handlers, rounds, time.process_time)
        sizes = {name: len(read_statement(name)) for name in FORMATS}
        worst = _worst(server, count)
        writers = [Contender(name, write) for name, write in _files().items()]
        alone = interleaved(writers, rounds, time.process_time)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        posts = post_seconds(4 * rounds, extent.entries)
    return Comparison(
        title=f"Statements of {count:,} entries",
        about=_ABOUT.format(memory=function(REST).memory_mb),
        columns=["", "CPU", "estimated in Lambda", "response"],
        rows=[
            *([name, *_times(whole, name), f"{sizes[name]:,} bytes"] for name in FORMATS),
            *([name, *_times(worst, name), ""] for name in worst.seconds),
            *([name, *_times(alone, name), ""] for name in alone.seconds),
        ],
        targets=[*_targets(whole, worst, alone), _post_target(posts[1] / posts[0])],
        notes=[
            f"The process that wrote all of them took {memory:,} MB at most.",
            f"The 95th percentile of POST /v1/entries was {posts[0] * 1000:.2f} ms alone and "
            f"{posts[1] * 1000:.2f} ms beside {AT_ONCE} processes that wrote statements as PDF "
            "on another core, as every instance in Lambda has its own.",
        ],
    )


def _worst(server: ReadModelServer, count: int) -> Measured:
    """Measure the slowest texts, also where the response is that the file is too large (422)."""
    chance, contenders = random.Random(12), []
    for merchant, text in WORST_TEXTS.items():
        entries = iterate_entries(6, count, [merchant], 364, _MIX)
        _fill(server, (entry._replace(description=text(chance)) for entry in entries))
        for name in _SLOW_FORMATS:
            run = partial(read_statement, name, merchant, (200, 422))
            contenders.append(Contender(f"{name}, random {merchant}", run))
    return interleaved(contenders, 1, time.process_time)


def read_statement(name: str, merchant: str = _MERCHANT, statuses: Collection[int] = (200,)) -> str:
    """Return the body of the year's statement in a format, as the gateway receives it."""
    import app

    query = {"from": _FIRST.isoformat(), "to": _LAST.isoformat()}
    query |= {"book": "true"} if name == "book" else {"format": name, "account": _ACCOUNT}
    setattr(commands_wiring, "merchant_settings", BakerySettings)  # noqa: B010
    headers = {"Accept-Encoding": "gzip"}
    event = api_event("GET", "/v1/statements", headers, query, merchant=merchant)
    response = app.app(event, CONTEXT)
    if response["statusCode"] not in statuses:
        raise RuntimeError(f"GET /v1/statements as {name} returned {response}")
    return str(response["body"])


def _fill(server: ReadModelServer, entries: Iterable[Entry]) -> None:
    writer, changes = Writer(server.connections()), list(map(change, entries))
    for start in range(0, len(changes), _CHUNK):
        writer.add(changes[start : start + _CHUNK])
    server.administrate("ANALYZE")  # which the server otherwise does within a minute


def _files() -> dict[str, Callable[[], bytes]]:
    """Return writers of the same statement, by library."""
    from chalicelib.statements.pdf_file import pdf_file
    from chalicelib.statements.xlsx_file import xlsx_file
    from verification.benchmarks.statement_libraries import openpyxl_file, reportlab_file

    query = statements.StatementQuery(_MERCHANT, _FIRST, _LAST, _ACCOUNT, "BRL", ZONE)
    content = statements.statement(wiring.read_model(), query)
    libraries: dict[str, File] = {XLSX: xlsx_file, PDF: pdf_file}
    if find_spec("openpyxl"):
        libraries[OPENPYXL] = openpyxl_file
    if find_spec("reportlab"):
        libraries[REPORTLAB] = reportlab_file
    return {name: partial(write, content, "pt-BR") for name, write in libraries.items()}


def _in_lambda(seconds: float) -> float:
    return seconds / min(1, function(REST).memory_mb / _CORE_MB)


def _times(measured: Measured, name: str) -> list[str]:
    seconds = measured.best(name)
    return [f"{seconds:.2f} s", f"{_in_lambda(seconds):.1f} s"]


def _targets(whole: Measured, worst: Measured, alone: Measured) -> Iterator[Target]:
    for name in FORMATS:
        seconds = whole.best(name)
        yield at_most(f"{name}, to {MOST_SECONDS:g} s of CPU", seconds / MOST_SECONDS, 1, _WHY)
    longest = max(worst.best(name) for name in worst.seconds)
    yield at_most(
        f"the slowest texts, to {MOST_SECONDS:g} s of CPU", longest / MOST_SECONDS, 1, _WHY
    )
    slowest = _in_lambda(max(longest, *(whole.best(name) for name in FORMATS)))
    limit = MOST_SECONDS_IN_LAMBDA
    yield at_most(f"the slowest in Lambda, to {limit:g} s", slowest / limit, 1, _WHY)
    for own, other in ((XLSX, OPENPYXL), (PDF, REPORTLAB)):
        if other in alone.seconds:
            yield at_most(f"{own}, to {other}", alone.ratio(own, other), 1, _WHY)


def _post_target(ratio: float) -> Target:
    name = f"POST /v1/entries beside {AT_ONCE} statements, to alone"
    return at_most(name, ratio, MOST_SLOWER, _WHY_POST)
