"""The read model's schema, brought up to date by the deployed function."""

import json
from typing import Any

ADMINISTRATOR = "livro_admin"


class MigrationFailedError(Exception):
    """The function refused; its message says why, and the schema is as it was."""


def migrate(lambdas: Any, function: str, role: str = ADMINISTRATOR) -> list[str]:
    """Have the schema migrated as a role that may make roles; return the names of what was applied.

    An event's role, for the first migration makes the others. Raises MigrationFailedError.
    """
    answer = lambdas.invoke(FunctionName=function, Payload=json.dumps({"role": role}))
    result = json.loads(answer["Payload"].read() or "null")
    if "FunctionError" in answer:
        raise MigrationFailedError(f"{function}: {result.get('errorMessage', result)}")
    applied: list[str] = result["applied"]
    return applied
