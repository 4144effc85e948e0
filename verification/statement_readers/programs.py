"""The programs that read statements, and how each is installed."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from typing import NamedTuple

from verification.commands import VerificationError


class Program(NamedTuple):
    """A command (or, if it is a library, a module), and the package that has it."""

    command: str
    package: str
    is_library: bool = False

    @property
    def is_installed(self) -> bool:
        """Whether this process can use it."""
        if self.is_library:
            return find_spec(self.command) is not None
        return shutil.which(self.command) is not None


PROGRAMS: Mapping[str, Program] = {
    "libreoffice": Program("soffice", "libreoffice-calc"),
    "hledger": Program("hledger", "hledger"),
    "ledger": Program("ledger", "ledger"),
    "ofxdump": Program("ofxdump", "ofx"),
    "pdftotext": Program("pdftotext", "poppler-utils"),
    "openpyxl": Program("openpyxl", "openpyxl", is_library=True),
    "ofxtools": Program("ofxtools", "ofxtools", is_library=True),
}


def check_installed(names: set[str]) -> None:
    """Raise VerificationError that names the missing programs and how to install them."""
    missing = [name for name in PROGRAMS if name in names and not PROGRAMS[name].is_installed]
    if not missing:
        return
    debian = [PROGRAMS[name].package for name in missing if not PROGRAMS[name].is_library]
    ways = [f"`apt install {' '.join(debian)}` (Debian, Ubuntu)"] if debian else []
    if len(debian) < len(missing):
        ways.append(
            "`python3 -m local.setup bench`, after which `.venv-bench/bin/python -m "
            "verification.statement_readers` has the libraries"
        )
    raise VerificationError(
        f"{', '.join(missing)} must be installed, by {' and '.join(ways)}, or left out by "
        f"`--without {' '.join(missing)}`."
    )


def output(*command: object) -> str:
    """Return what a program prints; raise VerificationError where it fails."""
    ran = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        check=False,
        env={"LANG": "C.UTF-8", "TZ": "UTC", "PATH": os.environ["PATH"]},
    )
    if ran.returncode != 0:
        raise VerificationError(f"{command[0]} failed: {ran.stderr.decode(errors='replace')}")
    return ran.stdout.decode(errors="replace")
