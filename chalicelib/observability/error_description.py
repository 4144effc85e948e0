"""What is logged of an error: its type and where it was raised, but not its message.

The message of a library's error may quote a row, and so a name or a description.
"""

import traceback
from typing import Any

_LONGEST_CHAIN = 5


def describe_error(error: BaseException) -> dict[str, list[str]]:
    """Return the types of an error and its causes, and the lines of code that it passed through.

    The last lines are those at which modules could not be read because of their syntax.
    """
    chain = _chain(error)
    frames = traceback.extract_tb(error.__traceback__)
    lines = [(frame.filename, frame.lineno) for frame in frames]
    wrong = [part for part in chain if isinstance(part, SyntaxError)]
    lines += [(part.filename, part.lineno) for part in wrong if part.filename is not None]
    return {
        "errors": [error_type(part) for part in chain],
        "at": [f"{filename}:{number}" for filename, number in lines],
    }


def error_type(error: BaseException) -> str:
    """Return the full name of an error's class, with what it says in a word if anything.

    That is the error code of AWS or PostgreSQL, or the setting that a deployment lacks.
    """
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    code = _code(error)
    return f"{name} {code}" if code else name


def _code(error: BaseException) -> str | None:
    response = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore's ClientError
        return _text(response.get("Error"), "Code")
    setting = getattr(error, "setting", None)
    if isinstance(setting, str):  # MissingSettingError
        return setting
    return _text(error.args[0] if error.args else None, "C")  # pg8000's DatabaseError: SQLSTATE


def _text(fields: Any, name: str) -> str | None:
    code = fields.get(name) if isinstance(fields, dict) else None
    return code if isinstance(code, str) else None


def _chain(error: BaseException) -> list[BaseException]:
    chain = [error]
    while len(chain) <= _LONGEST_CHAIN:
        cause = chain[-1].__cause__ or chain[-1].__context__
        if cause is None:
            break
        chain.append(cause)
    return chain
