"""What to do about a call that AWS denies: name the permission, and what prints the policies."""

import re

from botocore.exceptions import ClientError

from deploy.chalice_cli import ChaliceCommandError
from deploy.stacks import StackError

_CODES = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
_PERMISSION = re.compile(r"not authorized to perform:? ([\w-]+:\w+)")


def error_text(error: BaseException) -> str:
    """Return an error's message; of a call that AWS denied, also what to do."""
    permission = _missing(error)
    if permission is None:
        return str(error)
    return (
        f"{error}\nThe permission {permission} is missing. Give the deployer the policies of this "
        "release, which `.venv/bin/python -m infrastructure.deployer` prints, and run the same "
        "command again (docs/operations.md, Deploying)."
    )


def _missing(error: BaseException) -> str | None:
    """Return the permission that a call lacked, its operation if AWS does not name it, or None.

    Also None for an explicit denial, which no further permission can lift.
    """
    if "explicit deny" in str(error):
        return None
    named = _PERMISSION.search(str(error))
    if isinstance(error, ClientError) and error.response["Error"].get("Code") in _CODES:
        return named.group(1) if named else f"for {error.operation_name}"
    # CloudFormation and Chalice call with the deployer's permissions, too; a function does not.
    if isinstance(error, StackError | ChaliceCommandError) and named:
        return named.group(1)
    return None if error.__cause__ is None else _missing(error.__cause__)
