"""Trace headers: only valid ones are accepted, since they are stored with entries."""

import pytest

from chalicelib.observability.trace_headers import TraceHeader, parse

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (f"Root={ROOT};Parent={PARENT};Sampled=1", TraceHeader(ROOT, PARENT, sampled=True)),
        (f"Sampled=0; Parent={PARENT}; Root={ROOT}", TraceHeader(ROOT, PARENT, sampled=False)),
        (f"Self=1-2-3;Root={ROOT};Lineage=a:1", TraceHeader(ROOT)),
        (f"Root={ROOT};Sampled=?", TraceHeader(ROOT)),
        (f"Root={ROOT};Parent=Maria", TraceHeader(ROOT)),
    ],
)
def test_header_parts_may_be_in_any_order(text: str, header: TraceHeader) -> None:
    assert parse(text) == header
    assert parse(str(header)) == header


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "Maria da Silva",
        ROOT,
        f"root={ROOT}",
        "Root=1-5759e988-",
        f"Root={ROOT}0",
        f"Root={ROOT}\nx",
        f"Root={ROOT[:-1]}A",
        "Root=1-٣759e988-bd862e3fe1be46a994272793",
    ],
)
def test_other_text_is_not_a_header(text: str | None) -> None:
    assert parse(text) is None


def test_header_drops_further_parts() -> None:
    text = f"Root={ROOT};Parent={PARENT};Sampled=1"
    assert str(parse(text + ";Lineage=" + "a" * 5000)) == text
    assert len(text) == 74
