"""The functions' rights: `.chalice/policy-<function>.json`, with one stage's own names filled in.

The files name resources as `${Output}` of the stage's stacks, for `chalice deploy` takes policies
as they are. Filled in, they name exactly this stage's table, stream or queue.
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
    """Return what the policies say of a stage beside its stacks' outputs."""
    return {"Stage": stage, "Region": region, "AccountId": account_id, "Partition": partition}


def fill_in(folder: Path, values: Values) -> None:
    """Fill the values into every policy of a staged copy of `.chalice`, in place.

    `values` are the stacks' outputs and place_values(); None says that the stage has no such thing,
    and a statement about it is left out. Raises KeyError naming a value that a policy asks for and
    nobody gives; nothing is written then.
    """
    filled = {path: filled_in(json.loads(path.read_text()), values) for path in policies(folder)}
    for path, policy in filled.items():
        path.write_text(json.dumps(policy, indent=2))


def filled_in(policy: dict[str, Any], values: Values) -> dict[str, Any]:
    """Return a policy with its values; see fill_in."""
    return {**policy, "Statement": list(_filled(policy["Statement"], values))}


def policies(folder: Path) -> list[Path]:
    """Return the policy files of a `.chalice` folder."""
    return sorted(folder.glob("policy-*.json"))


def _filled(statements: list[dict[str, Any]], values: Values) -> Iterator[dict[str, Any]]:
    for statement in statements:
        template = Template(json.dumps(statement))
        result = {name: values[name] for name in template.get_identifiers()}
        if None not in result.values():
            yield json.loads(template.substitute(result))
