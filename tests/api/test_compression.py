"""How long bodies are in Lambda's response."""

import pytest

from chalicelib.api.compression import LARGEST_BYTES, bytes_in_lambda


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"abc", 5),
        ("é".encode(), 8),  # "\u00e9" in quotation marks
        ("🍞".encode(), 14),
        (b"\xff" * 3, 4),
        (b"\xff" * 4, 8),
    ],
)
def test_bodies_are_measured_as_lambda_sends_them(content: bytes, size: int) -> None:
    assert bytes_in_lambda(content) == size


def test_largest_body_leaves_room_for_headers() -> None:
    assert LARGEST_BYTES == 5_900_000
