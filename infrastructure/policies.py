"""The functions' rights: `.chalice/policy-<function>.json`, with one stage's own names filled in.

The files name resources as `${Output}` of the foundation, for `chalice deploy` takes policies as
they are. Filled in, they name exactly this stage's table, stream or queue.
"""

from collections.abc import Mapping
from pathlib import Path
from string import Template


def place_values(
    stage: str, region: str, account_id: str, partition: str = "aws"
) -> dict[str, str]:
    """Return what the policies say of a stage beside the foundation's outputs."""
    return {"Stage": stage, "Region": region, "AccountId": account_id, "Partition": partition}


def fill_in(folder: Path, values: Mapping[str, str]) -> None:
    """Fill the values into every policy of a staged copy of `.chalice`, in place.

    `values` are the foundation's outputs and place_values(). Raises KeyError naming a value that a
    policy asks for and nobody gives; nothing is written then.
    """
    filled = {path: Template(path.read_text()).substitute(values) for path in policies(folder)}
    for path, text in filled.items():
        path.write_text(text)


def policies(folder: Path) -> list[Path]:
    """Return the policy files of a `.chalice` folder."""
    return sorted(folder.glob("policy-*.json"))
