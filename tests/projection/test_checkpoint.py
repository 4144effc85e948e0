"""A position comes back from its text as it was, and nothing else passes for one."""

import base64
import json
import zlib

import pytest

from chalicelib.ledger.errors import ValidationError
from chalicelib.projection.checkpoint import Checkpoint, RebuildStats, decode, encode

LARGEST_ANSWER = 6_000_000
"""What a function of Lambda can answer, in bytes."""


def _text(told: object) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(told).encode())).decode()


def test_a_position_comes_back_from_its_text() -> None:
    whole = Checkpoint(
        "padaria",
        "ledger",
        {"0": None, "3": {"entry_id": {"S": "a"}}},
        ("padaria",),
        {"b" * 32: ("padaria", "rival"), "a" * 32: ("padaria",)},
        RebuildStats(7, 1, 2, 3, 4, 5),
    )
    assert decode(encode(whole), "padaria") == whole
    assert list(decode(encode(whole), "padaria").mismatches) == ["b" * 32, "a" * 32]
    assert decode(encode(Checkpoint(None)), None) == Checkpoint(None)


def test_the_largest_position_can_be_answered() -> None:
    names = [f"{number:040d}" for number in range(34_000)]
    mismatches = {base64.b32encode(name[-20:].encode()).decode(): (name,) for name in names}
    assert len(encode(Checkpoint(None, "ledger", None, tuple(names), mismatches))) < LARGEST_ANSWER


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "as the rebuild answered it"),
        ("made up", "as the rebuild answered it"),
        (encode(Checkpoint("padaria"))[:-8], "as the rebuild answered it"),
        (_text([]), "as the rebuild answered it"),
        (_text({"phase": "ledger"}), "of the release that runs"),
        (_text([0, "padaria", "ledger", None, [], {}, []]), "of the release that runs"),
        (_text([1]), "as the rebuild answered it"),
        (_text([1, 2, 3]), "as the rebuild answered it"),
        (_text([1, "padaria", "somewhere", None, [], {}, []]), "as the rebuild answered it"),
        (_text([1, "padaria", "ledger", None, [], 7, []]), "as the rebuild answered it"),
        (encode(Checkpoint("rival")), "of a rebuild of the same merchant_id"),
        (encode(Checkpoint(None)), "of a rebuild of the same merchant_id"),
    ],
)
def test_what_is_no_position_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        decode(text, "padaria")
