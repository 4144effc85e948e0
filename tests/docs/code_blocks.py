"""The code blocks of a page, as a script that a shell runs."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from tests.house.source import ROOT

# What a test cannot do again: the clone is this folder, and the system is running.
_PRELUDE = """
set -euo pipefail
git() { :; }
cd() { :; }
make() { [ "$1" = run ] || command make --no-print-directory "$@"; }
REPOSITORY=.
"""


class CodeBlock(NamedTuple):
    """A fenced block: its language, and its text."""

    language: str
    text: str


def code_blocks(page: str) -> list[CodeBlock]:
    """Return the fenced blocks of a page of docs/."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    return [CodeBlock(*match) for match in re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)]


def script_of(page: str, programs: dict[str, str], languages: Iterable[str]) -> str:
    """Return a script that runs the shell blocks of a page, and those of other languages.

    `programs` has the command for each other language, which reads its program from a file.
    """
    parts = [_PRELUDE]
    for number, (language, text) in enumerate(code_blocks(page)):
        if language == "sh":
            parts.append(text)
        elif language in languages:
            file = f'"$SCRATCH/block-{number}.{programs[language].partition(" ")[2]}"'
            program = programs[language].partition(" ")[0]
            parts.append(f"cat > {file} <<'END_OF_BLOCK'\n{text}END_OF_BLOCK\n{program} {file}\n")
    return "\n".join(parts)
