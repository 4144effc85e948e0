"""The Python that compiles what is shipped: of the version that the stage's functions run.

Bytecode is good for one version of Python only, and Lambda would ignore that of another one.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass


class InterpreterMissingError(Exception):
    """No Python of the stage's version is installed; the message says which."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python on this machine: the path of its program, and its version, such as (3, 13)."""

    path: str
    version: tuple[int, int]

    @property
    def runtime(self) -> str:
        """The name of Lambda's runtime of this version."""
        return "python{}.{}".format(*self.version)

    @property
    def cache_tag(self) -> str:
        """The part of a bytecode file's name that has its version (PEP 3147)."""
        return "cpython-{}{}".format(*self.version)


THIS = Interpreter(sys.executable, sys.version_info[:2])


def find_interpreter(
    version: str, which: Callable[[str], str | None] = shutil.which
) -> Interpreter:
    """Return a Python of a version such as "3.13"; raise InterpreterMissingError for none."""
    major, _, minor = version.partition(".")
    wanted = (int(major), int(minor))
    if wanted == THIS.version:
        return THIS
    path = which(f"python{version}")
    if path is None or _version_of(path) != version:
        raise InterpreterMissingError(
            f"The stage's functions run Python {version}, which must also compile their code, "
            f"but there is no python{version} here. Install it, or set `python` in the stage's "
            f"file to {THIS.version[0]}.{THIS.version[1]}, which runs this command."
        )
    return Interpreter(path, wanted)


def _version_of(path: str) -> str:
    # The launcher of a version manager may exist without the version itself.
    code = "import sys; print('{}.{}'.format(*sys.version_info))"
    ran = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    return ran.stdout.strip()
