"""Read mutated bank files: none may crash, lose a row, or take more than linear time.

`python -m verification.bank_fuzz` changes the presets' samples, small OFX and CNAB 240 files and
those of a given folder, 10,000 times: bytes flipped, lines cut and doubled, encodings mixed. A file
is named by its seed; `--seed 7` reads that one alone.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from chalicelib.bank_files.bank_file import BankFile, Calendar
from chalicelib.bank_files.errors import BankFileError
from chalicelib.bank_files.presets import PRESETS
from chalicelib.bank_files.reader import read
from chalicelib.importing.bank_import import OUTCOMES
from chalicelib.importing.file_rows import Clock, file_rows, unrecordable_rows
from chalicelib.importing.preview import Known, counts, preview_rows
from chalicelib.importing.stored_rows import packed_rows, unpacked_rows
from chalicelib.importing.tie_out import file_balances
from verification.commands import at_least, existing_folder
from verification.kit.cnab_records import detail, file_of, header, trailer

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 30, 15, tzinfo=UTC)
LARGE_EVERY = 50
"""One file in this many is repeated until it is large, which shows what is slower than linear."""
LARGE_BYTES = 300_000
SECONDS, SECONDS_PER_BYTE = 0.5, 20e-6
"""What reading and previewing may take: ten times what they do take, on a busy machine."""
_EMPTY = Known({}, {}, {}, {})
_OFX = b"""OFXHEADER:100
VERSION:102
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>BRL<BANKACCTFROM><ACCTID>1-2</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261001<DTEND>20261031
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261002120000[-3:BRT]<TRNAMT>-120,50<FITID>1<MEMO>CART\xc3O</STMTTRN>
<STMTTRN><TRNTYPE>OTHER<DTPOSTED>20261003<TRNAMT>1.300,00<FITID>1<NAME>PIX<MEMO>A &amp; B</STMTTRN>
<STMTTRN><TRNTYPE>OTHER<DTPOSTED>20261004<TRNAMT>0.00<FITID>000<MEMO>Saldo do dia</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>1179.50<DTASOF>20261004</LEDGERBAL></STMTRS></STMTTRNRS>
</BANKMSGSRSV1></OFX>
"""
_INSERTED = (
    b"<STMTTRN>", b"</OFX>", b";", b'"', b"\r\n", b"\x00", b"-", b"\xe2\x88\x92", b"R$ ",
    b"\xff\xfe",
    b"999999999999999999999", b"<!DOCTYPE", b"&#1114112;", b"<![CDATA[", b"31/02/2026", b",", b".",
)  # fmt: skip
Mutation = Callable[[random.Random, bytes], bytes]


class FuzzError(AssertionError):
    """A mutated file broke a rule; the message names its seed."""


def main() -> int:
    """Read files as the command line says; return 1 if one breaks a rule."""
    parser = argparse.ArgumentParser(prog="python -m verification.bank_fuzz", description=__doc__)
    parser.add_argument("folder", nargs="?", type=existing_folder, help="further files to mutate")
    parser.add_argument("--files", type=at_least(1), default=10_000)
    parser.add_argument("--seed", type=int, help="read only this one")
    arguments = parser.parse_args()
    sources = [*own_sources(), *_files_in(arguments.folder)]
    seeds = range(arguments.files) if arguments.seed is None else [arguments.seed]
    try:
        result = fuzz(sources, seeds)
    except FuzzError as error:
        print(error, file=sys.stderr)
        return 1
    print(", ".join(f"{count:,} {what}" for what, count in sorted(result.items())))
    return 0


def own_sources() -> list[bytes]:
    """Return the files that need no folder."""
    samples = [make().sample.encode() for _, make in sorted(PRESETS.items())]
    cnab = file_of(header(), detail(), detail(sign="D", bank_id="00001235"), trailer())
    ofx = [_OFX, _OFX.replace(b"1252", b"UTF-8")]
    return [*ofx, cnab, *samples, *[each[:-9] for each in samples[:3]]]


def fuzz(sources: Sequence[bytes], seeds: Sequence[int]) -> Counter[str]:
    """Return how many mutated files were read and refused, and their rows by outcome.

    Raises FuzzError at the first that breaks a rule.
    """
    result: Counter[str] = Counter()
    for seed in seeds:
        content = mutated(sources, seed)
        started = time.process_time()
        try:
            result += _outcomes(content)
        except Exception as error:
            raise FuzzError(f"seed {seed}: {type(error).__name__}: {error}") from error
        seconds = time.process_time() - started
        if seconds > SECONDS + SECONDS_PER_BYTE * len(content):
            raise FuzzError(f"seed {seed}: {len(content):,} bytes took {seconds:.1f} s")
    return result


def mutated(sources: Sequence[bytes], seed: int) -> bytes:
    """Return the file of a seed: a source after one to six mutations."""
    chance = random.Random(seed)
    content = chance.choice(sources)
    for mutation in chance.choices(_MUTATIONS, k=chance.randint(1, 6)):
        content = mutation(chance, content)
    if seed % LARGE_EVERY == 0 and content:
        content *= LARGE_BYTES // len(content) + 1
    return content


def _outcomes(content: bytes) -> Counter[str]:
    calendar = Calendar(NOW.astimezone(ZONE).date(), ZONE)
    try:
        file = read(content, calendar)
    except BankFileError as error:
        if not error.detail.strip():
            raise FuzzError("a file was refused without a reason") from None
        return Counter({"files refused": 1})
    return Counter({"files read": 1}) + _checked_rows(file)


def _checked_rows(file: BankFile) -> Counter[str]:
    """Return the rows by outcome, previewed, stored and read back."""
    rows = file_rows(file, ["main"] * len(file.statements))
    if [each.row.row for each in rows] != list(range(1, len(rows) + 1)):
        raise FuzzError("the rows are not numbered from 1 without gaps")
    refused = unrecordable_rows(rows, Clock(NOW, ZONE))
    shown = preview_rows(rows, _EMPTY, refused, "ofx", lambda _: None)
    if unpacked_rows(packed_rows(shown)) != shown:
        raise FuzzError("stored rows differ")
    if any(row.outcome == "refused" and not row.reason for row in shown):
        raise FuzzError("a row was refused without a reason")
    names = [each.identity for each in rows if each.identity is not None]
    if len(set(names)) != len(names):
        raise FuzzError("two rows have one identity")
    for statement in file.statements:
        file_balances(statement)
    numbers = dict(zip(OUTCOMES, counts(shown, {}), strict=True))
    if sum(numbers.values()) != len(rows):
        raise FuzzError("the outcomes do not add up")
    return Counter({f"rows {name}": count for name, count in numbers.items() if count})


def _flip(chance: random.Random, content: bytes) -> bytes:
    flipped = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        if flipped:
            flipped[chance.randrange(len(flipped))] = chance.randrange(256)
    return bytes(flipped)


def _lines(change: Callable[[random.Random, list[bytes]], list[bytes]]) -> Mutation:
    return lambda chance, content: b"\n".join(change(chance, content.split(b"\n")))


def _cut(chance: random.Random, lines: list[bytes]) -> list[bytes]:
    at = chance.randrange(len(lines))
    return lines[:at] + lines[at + chance.randint(1, 3) :]


def _double(chance: random.Random, lines: list[bytes]) -> list[bytes]:
    at = chance.randrange(len(lines))
    return lines[:at] + lines[at : at + 2] * chance.randint(2, 9) + lines[at:]


def _shuffle(chance: random.Random, lines: list[bytes]) -> list[bytes]:
    return chance.sample(lines, len(lines))


def _insert(chance: random.Random, content: bytes) -> bytes:
    at = chance.randint(0, len(content))
    return content[:at] + chance.choice(_INSERTED) * chance.choice((1, 1, 1, 50)) + content[at:]


def _truncate(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randint(0, len(content))]


def _encode(chance: random.Random, content: bytes) -> bytes:
    text = content.decode("latin-1")
    return text.encode(chance.choice(("utf-8", "utf-16", "utf-8-sig", "utf-16-be")))


def _mix(chance: random.Random, content: bytes) -> bytes:
    at = chance.randint(0, len(content))
    return content[:at] + _encode(chance, content[at:])


def _twice(_chance: random.Random, content: bytes) -> bytes:
    return content + content


_MUTATIONS: Sequence[Mutation] = (
    _flip, _flip, _insert, _insert, _truncate, _encode, _mix, _twice,
    _lines(_cut), _lines(_cut), _lines(_double), _lines(_shuffle),
)  # fmt: skip


def _files_in(folder: Path | None) -> Iterator[bytes]:
    for path in sorted(folder.iterdir()) if folder else ():
        if path.suffix not in (".md", ".json"):
            yield path.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
