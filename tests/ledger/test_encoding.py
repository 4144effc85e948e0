"""Bytes for hashing: different values always have different bytes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.ledger.encoding import canonical_json, length_prefixed, urlsafe
from verification.kit.strategies import json_values


@given(st.lists(st.text(max_size=5)), st.lists(st.text(max_size=5)))
def test_different_lists_have_different_bytes(first: list[str], second: list[str]) -> None:
    assert (length_prefixed(*first) == length_prefixed(*second)) == (first == second)


@given(st.lists(st.text() | st.sampled_from(["é" * 64, *("a" * n for n in (127, 128, 65_536))])))
def test_length_precedes_each_text(parts: list[str]) -> None:
    encoded = [part.encode() for part in parts]
    plain = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    assert length_prefixed(*parts) == plain


@given(json_values)
def test_canonical_json_ignores_the_order_of_keys(value: Any) -> None:
    def turned(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: turned(part[name]) for name in reversed(part)}
        return [turned(item) for item in part] if isinstance(part, list) else part

    assert canonical_json(value).isascii()
    assert canonical_json(turned(value)) == canonical_json(value)


def test_similar_values_have_different_json() -> None:
    alike = [1, "1", True, [1], {"1": 1}, None, "null", "", [], {}, 0, False]
    assert len({canonical_json(value) for value in alike}) == len(alike)


def test_base64url_has_no_padding() -> None:
    assert urlsafe(b"\xff\xef") == "_-8"
