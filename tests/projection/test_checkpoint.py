"""A checkpoint survives its text unchanged, and no other text is accepted."""

import base64
import json
import random
import zlib

import pytest

from chalicelib.ledger.errors import ValidationError
from chalicelib.projection.checkpoint import Checkpoint, RebuildStats, decode, encode
from chalicelib.projection.row_sums import RowSums

LARGEST_RESPONSE = 6_000_000
"""The largest response of a Lambda function, in bytes."""


def _text(values: object) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(values).encode())).decode()


def _with(index: int, value: object) -> str:
    sums = ["salt", "2026-11-23", [0]]
    values: list[object] = ["padaria", "ledger", None, [], {}, [], None, sums]
    values[index] = value
    return _text([7, *values])


def test_a_checkpoint_survives_its_text() -> None:
    whole = Checkpoint(
        "padaria",
        "ledger",
        {"0": None, "3": {"entry_id": {"S": "a"}}},
        ("padaria",),
        {"b" * 32: ("padaria", "rival"), "a" * 32: ("padaria",)},
        RebuildStats(7, 1, 2, 3, 4, 5, 6),
        "2026-11-23 03:10:00.25+00",
        RowSums("salt", "2026-11-23T02:10:00+00:00", (2**90, -7, *range(254))),
    )
    assert decode(encode(whole), "padaria") == whole
    assert list(decode(encode(whole), "padaria").mismatches) == ["b" * 32, "a" * 32]
    beginning = Checkpoint(None)
    assert decode(encode(beginning), None) == beginning


def test_the_largest_checkpoint_fits_a_response() -> None:
    names = [f"{number:040d}" for number in range(50_000)]
    mismatches = {base64.b32encode(name[-20:].encode()).decode(): (name,) for name in names}
    largest = encode(Checkpoint(None, "row_sums", None, tuple(names[:34_000]), mismatches))
    assert len(largest) < LARGEST_RESPONSE


def test_sums_take_a_few_kilobytes() -> None:
    sums = RowSums(sums=tuple(random.Random(7).getrandbits(90) for _ in range(256)))
    assert len(encode(Checkpoint(None, sums=sums))) < 6_000


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        (["", "made up", encode(Checkpoint("padaria"))[:-8]], "that the rebuild returned"),
        ([_text(values) for values in ([], [7], [7, 2, 1])], "that the rebuild returned"),
        ([_with(1, "somewhere"), _with(4, 7), _with(7, 7)], "that the rebuild returned"),
        ([_text({"phase": "ledger"})], "from this release"),
        ([_text([6, "padaria", "ledger", None, [], {}, [], None])], "from this release"),
        ([encode(Checkpoint(other)) for other in ("rival", None)], "of the same merchant_id"),
    ],
)
def test_another_text_is_rejected(texts: list[str], complaint: str) -> None:
    for text in texts:
        with pytest.raises(ValidationError, match=complaint):
            decode(text, "padaria")
