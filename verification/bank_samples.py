"""Read a folder of bank files and compare each with what its `expected.json` says about it.

`python -m verification.bank_samples DIR` prints a line for each file, then what differs. With
`--api` the files are then imported through the API of a temporary local cluster. `--expected` names
another file of expectations; `older_bank_samples.json` has those of public files of 2009 to 2024,
written from the files' texts.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.bank_files.bank_file import BankFile, BankRow, BankStatement, Calendar
from chalicelib.bank_files.csv_layout import ColumnMapping
from chalicelib.bank_files.errors import BankFileError
from chalicelib.bank_files.reader import read
from chalicelib.ledger.money import format_amount
from local.demo_users import access_token
from verification.commands import VerificationError, existing_folder, run_command

_ZONE = ZoneInfo("America/Sao_Paulo")
_FORMATS = {"OFX 1": "ofx-1", "OFX 2": "ofx-2", "CSV": "csv", "tab": "tsv", "CNAB": "cnab-240"}
_ROW_FIELDS = ("day", "amount", "id", "description", "outcome", "instalment", "foreign")


def main(folder: Path, expectations: Path | None = None) -> int:
    """Compare all files; return how many differ. Raises VerificationError without expectations."""
    try:
        expected = json.loads((expectations or folder / "expected.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise VerificationError(f"the expectations cannot be read: {error}") from None
    calendar = Calendar(datetime.now(UTC).astimezone(_ZONE).date(), _ZONE)
    return _report(expected, lambda name: _differences(folder / name, expected[name], calendar))


def _differences(path: Path, expected: dict[str, Any], calendar: Calendar) -> Iterator[str]:
    columns = expected.get("mapping")
    mapping = columns and ColumnMapping(**columns | {"description": tuple(columns["description"])})
    try:
        bank_file = read(path.read_bytes(), calendar, None, mapping)
    except BankFileError as error:
        yield f"refused: {error.detail}" if "refusal" not in expected else ""
        return
    yield from _unequal("counts", dict(bank_file.counts), expected["counts"])
    yield from _unequal("preset", bank_file.preset, expected.get("preset"))
    yield from _unequal("format", bank_file.format, _format(expected["format"]))
    yield from _unequal("encoding", bank_file.encoding, _encoding(expected["encoding"]))
    yield from _unequal(
        "statements", _statements(bank_file), list(map(_plain, expected["statements"]))
    )


def _unequal(what: str, actual: object, expected: object) -> Iterator[str]:
    if actual != expected:
        yield f"{what}: {actual}\n        expected: {expected}"


def _format(text: str) -> str:
    return next(name for start, name in _FORMATS.items() if text.startswith(start))


def _encoding(text: str) -> str:
    return "utf-8" if text == "ASCII" else text.split(maxsplit=1)[0]


def _statements(bank_file: BankFile) -> list[dict[str, Any]]:
    return [_statement(statement) for statement in bank_file.statements]


def _statement(statement: BankStatement) -> dict[str, Any]:
    def decimal(amount_minor: int | None) -> str | None:
        return None if amount_minor is None else format_amount(amount_minor, statement.currency)

    def entry(row: BankRow) -> dict[str, Any]:
        return {
            "day": row.day and row.day.isoformat(),
            "amount": decimal(row.amount_minor),
            "id": row.bank_id,
            "description": row.description,
            "outcome": row.outcome,
            "instalment": row.instalment,
            "foreign": row.foreign,
        }

    information = [row for row in statement.rows if row.outcome == "information"]
    return {
        "account": statement.number,
        "currency": statement.currency,
        "opening": decimal(statement.opening_minor),
        "closing": decimal(statement.closing_minor),
        "sum": decimal(statement.sum_minor),
        "entries": [entry(row) for row in statement.rows if row.outcome != "information"],
        "other_rows": [(row.reason, decimal(row.balance_minor)) for row in information],
    }


def _plain(statement: dict[str, Any]) -> dict[str, Any]:
    entries = [{"outcome": "created"} | entry for entry in statement["entries"]]
    return {
        **{name: statement[name] for name in ("account", "currency", "opening", "closing", "sum")},
        "entries": [{name: entry.get(name) for name in _ROW_FIELDS} for entry in entries],
        "other_rows": [(row["why"], row.get("amount")) for row in statement.get("other_rows", [])],
    }


def import_all(folder: Path) -> int:
    """Import all files through the API; return how many differ."""
    from verification.bank_imports import BankImports
    from verification.kit.api_client import ApiClient, over_http
    from verification.local_cluster import local_cluster

    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    with local_cluster(print, "--temporary") as cluster:
        token = access_token(cluster.paths, "operator")
        client = ApiClient(over_http(cluster.endpoints["base_url"]), token)
        imports = BankImports(client)
        return _report(expected, lambda name: imports.differences(folder / name, expected[name]))


def _report(names: Iterable[str], differences_of: Callable[[str], Iterator[str]]) -> int:
    count = wrong = 0
    for name in names:
        differences = list(differences_of(name))
        count, wrong = count + 1, wrong + bool(differences)
        print(f"{'differs' if differences else 'same   '} {name}", *differences, sep="\n        ")
    print(f"{count} files, {wrong} differ")
    return wrong


def _command() -> int:
    parser = argparse.ArgumentParser(prog="python -m verification.bank_samples")
    parser.add_argument("folder", type=existing_folder)
    parser.add_argument("--api", action="store_true", help="also import them through the API")
    parser.add_argument("--expected", type=Path, help="expectations, if not DIR/expected.json")
    arguments = parser.parse_args()
    wrong = main(arguments.folder, arguments.expected)
    if arguments.api:
        wrong += import_all(arguments.folder)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(run_command(_command, "the other files were not compared."))
