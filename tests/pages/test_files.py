"""The pages' files: their names follow from their content, and all text is in both languages."""

import ast
import gzip
import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from chalicelib.api.problems import PROBLEM_TYPES
from chalicelib.bank_files.errors import FileReason
from chalicelib.importing import file_rows, preview, preview_row, recording
from chalicelib.ledger.errors import ImportConflictReason, ValidationError
from chalicelib.ledger.record import check_recordable
from chalicelib.pages import files

VALUES = {"sign_in_url": 'https://pool.example/"<', "client_id": "abc", "time_zone": "Asia/Tokyo"}
LONGEST_SCRIPT = 250
MOST_COMPRESSED_BYTES = 150_000


TEMPLATE = re.compile(r"""^  \[\s*(?:"([^"]+)"|'([^']+)'),""", re.MULTILINE)
OF_THE_LEDGER = (
    "Currency was withdrawn: {} is accepted for days up to {}.",
    "occurred_at must be at most {} years in the past.",
)
INVISIBLE_STATUSES = {401, 405}  # the page signs in again; it sends no other methods


def assets_of(page: str) -> list[str]:
    return re.findall(r'"(assets/[^"]+)"', page)


def test_page_names_only_existing_assets() -> None:
    page = files.page("dashboard", VALUES).decode()
    names = assets_of(page)
    assert len(names) >= 4
    for name in names:
        assert re.fullmatch(r"assets/[a-z0-9-]+-[0-9a-f]{12}\.(js|css|svg)", name)
        assert files.asset(name.removeprefix("assets/")) is not None
    assert "https://pool.example/&quot;&lt;" in page


def test_page_contains_no_inline_code() -> None:
    page = files.page("dashboard", VALUES).decode()
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|style=|javascript:", page)


def test_dashboard_stays_small() -> None:
    names = [
        name.removeprefix("assets/") for name in assets_of(files.page("dashboard", VALUES).decode())
    ]
    chart = next(name for name in files.names().values() if name.startswith("chart-"))
    sizes = [len(gzip.compress(files.asset(name).content, 9)) for name in {*names, chart}]  # type: ignore[union-attr]
    assert sum(sizes) < MOST_COMPRESSED_BYTES


def test_scripts_are_short() -> None:
    lengths = {
        path.name: len(path.read_text("utf-8").splitlines())
        for path in (files.FOLDER / "scripts").glob("*.js")
    }
    assert [name for name, length in lengths.items() if length > LONGEST_SCRIPT] == []


def test_scripts_begin_with_their_purpose() -> None:
    paths = sorted((files.FOLDER / "scripts").glob("*.js"))
    assert [path.name for path in paths if not path.read_text("utf-8").startswith("// ")] == []


def test_used_texts_are_defined() -> None:
    scripts = {
        path.name: path.read_text("utf-8") for path in (files.FOLDER / "scripts").glob("*.js")
    }
    defined: set[str] = set()
    for name, text in scripts.items():
        if name.startswith("texts_"):
            defined |= set(re.findall(r"^  (\w+): \[", text, re.MULTILINE))
    others = "\n".join(text for name, text in scripts.items() if not name.startswith("texts_"))
    used = set(re.findall(r'\bt\("(\w+)"', others))
    assert used - defined == set()


def test_translated_reasons_are_the_services() -> None:
    script = (files.FOLDER / "scripts" / "row_reasons.js").read_text("utf-8")
    translated = set(re.findall(r'^  "([^"]+)":', script, re.MULTILINE))
    named = {
        file_rows.TOO_OLD,
        preview.IMPORTED_BEFORE,
        preview.OF_THIS_BOOK,
        preview.MAY_BE_RECORDED,
        preview.CLAIMED_BEFORE,
        preview.DECIDED_BEFORE,
        preview_row.LEFT_OUT,
        recording.CLAIMED,
    }
    assert named <= translated
    readers = (files.FOLDER.parent / "bank_files").glob("*.py")
    source = "".join(path.read_text("utf-8") for path in readers)
    assert [reason for reason in translated - named if f'"{reason}"' not in source] == []


def test_reasons_with_values_are_the_services() -> None:
    script = (files.FOLDER / "scripts" / "row_reasons.js").read_text("utf-8")
    templates = script.partition("WITH_VALUES = [")[2].partition("].map(")[0]
    english = {double or single for double, single in re.findall(TEMPLATE, templates)}
    readers = (files.FOLDER.parent / "bank_files").glob("*.py")
    calls = [
        call.args[0]
        for path in readers
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "RowError"
    ]
    messages = {_with_gaps(each) for each in calls if isinstance(each, ast.JoinedStr)}
    messages.remove("the day {} {}")  # with one of these endings
    messages |= {f"the day {{}} {ending}" for ending in _unclear_orders()}
    assert english == messages | set(OF_THE_LEDGER)


@pytest.mark.parametrize(
    ("template", "currency", "years", "values"),
    [(OF_THE_LEDGER[0], "HRK", 0, ("HRK", "2023-01-31")), (OF_THE_LEDGER[1], "BRL", 6, ("5",))],
)
def test_reasons_of_the_ledger_are_its_own(
    template: str, currency: str, years: int, values: tuple[str, ...]
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ValidationError) as raised:
        check_recordable(now.replace(year=2026 - years), currency, now, ZoneInfo("UTC"))
    expected = template
    for value in values:
        expected = expected.replace("{}", value, 1)
    assert raised.value.detail == expected


def _unclear_orders() -> set[str]:
    tree = ast.parse((files.FOLDER.parent / "bank_files" / "csv_rows.py").read_text("utf-8"))
    (method,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "_unclear_order"
    )
    return {
        str(ast.literal_eval(node.value))
        for node in ast.walk(method)
        if isinstance(node, ast.Return) and node.value
    }


def _with_gaps(message: ast.JoinedStr) -> str:
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in message.values
    )


@pytest.mark.parametrize(
    ("prefix", "reasons"), [("file", FileReason), ("conflict", ImportConflictReason)]
)
def test_each_named_reason_has_a_text(prefix: str, reasons: object) -> None:
    script = (files.FOLDER / "scripts" / "texts_problems.js").read_text("utf-8")
    named = re.findall(rf'^  "?{prefix}_([a-z-]+)"?: \[', script, re.M)
    assert set(named) == set(get_args(reasons))


def test_each_status_has_a_text() -> None:
    script = (files.FOLDER / "scripts" / "texts_problems.js").read_text("utf-8")
    statuses = {min(problem.status, 500) for problem in PROBLEM_TYPES.values()}
    named = {int(status) for status in re.findall(r"^  status_(\d+): \[", script, re.M)}
    assert statuses - INVISIBLE_STATUSES <= named


def test_placeholders_agree_between_languages() -> None:
    for path in (files.FOLDER / "scripts").glob("texts_*.js"):
        for key, pair in re.findall(
            r'^  "?([\w-]+)"?: \[(.*?)\],$', path.read_text("utf-8"), re.M | re.S
        ):
            texts = re.findall(r'"((?:[^"\\]|\\.)*)"', pair)
            assert len(texts) == 2, key
            for before, after in pairwise(sorted(re.findall(r"\{(\w+)\}", text)) for text in texts):
                assert before == after, key
