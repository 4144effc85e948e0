"""The functions' permissions: `.chalice/policy-<function>.json`, filled in for one stage.

`chalice deploy` uses policies as they are, so the files name resources as `${Output}` of the
stage's stacks. Filled in, they name exactly this stage's table, stream or queue.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

Values = Mapping[str, str | None]


def place_values(
    stage: str, region: str, account_id: str, partition: str = "aws"
) -> dict[str, str]:
    """Return the values in policies that are not outputs of the stage's stacks."""
    return {"Stage": stage, "Region": region, "AccountId": account_id, "Partition": partition}


def fill_in(folder: Path, values: Values) -> None:
    """Fill the values into every policy of a staged copy of `.chalice`, in place.

    `values` are the stacks' outputs and place_values(). None means that the stage lacks a resource;
    statements about it are left out. Raises KeyError with the name of a missing value, having
    written nothing.
    """
    filled = {path: filled_in(json.loads(path.read_text()), values) for path in policies(folder)}
    for path, policy in filled.items():
        path.write_text(json.dumps(policy, indent=2))


def filled_in(policy: dict[str, Any], values: Values) -> dict[str, Any]:
    """Return a policy with its values filled in; see fill_in."""
    return {**policy, "Statement": list(_filled(policy["Statement"], values))}


def policies(folder: Path) -> list[Path]:
    """Return the policy files of a `.chalice` folder."""
    return sorted(folder.glob("policy-*.json"))


def _filled(statements: list[dict[str, Any]], values: Values) -> Iterator[dict[str, Any]]:
    for statement in statements:
        template = Template(json.dumps(statement))
        named = {name: values[name] for name in template.get_identifiers()}
        if None not in named.values():
            yield json.loads(template.substitute(named))
