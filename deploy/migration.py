"""The read model's schema, brought up to date by the deployed function."""

import json
from typing import Any

ADMINISTRATOR = "livro_admin"


class MigrationFailed(Exception):
    """The function refused; its message says why, and the schema is as it was."""


def migrate(lambdas: Any, function: str, role: str = ADMINISTRATOR) -> list[str]:
    """Have the schema migrated as a role that may make roles; return the names of what was applied.

    An event's role, for the first migration makes the others. Raises MigrationFailed.
    """
    answer = lambdas.invoke(FunctionName=function, Payload=json.dumps({"role": role}))
    told = json.loads(answer["Payload"].read() or "null")
    if "FunctionError" in answer:
        raise MigrationFailed(f"{function}: {told.get('errorMessage', told)}")
    applied: list[str] = told["applied"]
    return applied
