"""A failure as a log may tell it: what kind, and where; not its message, which may quote a row."""

import traceback
from typing import Any

_LONGEST_CHAIN = 5


def describe_error(error: BaseException) -> dict[str, list[str]]:
    """Return the kinds of an error and of what caused it, and the places it came through."""
    return {"errors": [kind(one) for one in _chain(error)], "at": _places(error)}


def kind(error: BaseException) -> str:
    """Return an error's full name, with the code that AWS or PostgreSQL gave it."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    code = _code(error)
    return f"{name} {code}" if code else name


def _code(error: BaseException) -> str | None:
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore's ClientError
        return _text(response.get("Error"), "Code")
    return _text(error.args[0] if error.args else None, "C")  # pg8000's DatabaseError: SQLSTATE


def _text(said: Any, name: str) -> str | None:
    result = said.get(name) if isinstance(said, dict) else None
    return result if isinstance(result, str) else None


def _chain(error: BaseException) -> list[BaseException]:
    chain = [error]
    while len(chain) <= _LONGEST_CHAIN:
        cause = chain[-1].__cause__ or chain[-1].__context__
        if cause is None:
            break
        chain.append(cause)
    return chain


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno}" for frame in frames]
