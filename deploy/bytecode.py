"""Bytecode for what is shipped, the same bytes each time, so that no cold start compiles.

Lambda mounts the code read-only, so without this every new process would compile every module.
"""

import subprocess
import sys
from pathlib import Path

WHERE_LAMBDA_UNPACKS = "/var/task"
# Never checked against its source (PEP 552): the bundle changes only as a whole, and the source's
# time, which the usual bytecode holds, would make each bundle another one.
_MODE = "unchecked-hash"


class BytecodeError(Exception):
    """Some module does not compile; the message is the compiler's."""


def compile_folder(folder: Path, inside: str = "") -> None:
    """Compile every module under `folder`; `inside` is its path in the bundle.

    Raises BytecodeError.
    """
    home = f"{WHERE_LAMBDA_UNPACKS}/{inside}".rstrip("/")
    _python("-m", "compileall", "-q", *_naming(str(folder), home), str(folder))


def compile_alone(module: Path, folder: Path, inside: str) -> None:
    """Put the bytecode of one module into `folder`, where its source is not.

    For sources that Chalice adds to the bundle itself; `inside` is the module's path there.
    """
    code = (
        "import sys, py_compile as p; p.compile(sys.argv[1], sys.argv[2], sys.argv[3],"
        " doraise=True, invalidation_mode=p.PycInvalidationMode.UNCHECKED_HASH)"
    )
    place = folder / "__pycache__" / f"{module.stem}.{sys.implementation.cache_tag}.pyc"
    place.parent.mkdir(parents=True, exist_ok=True)
    _python("-c", code, str(module), str(place), f"{WHERE_LAMBDA_UNPACKS}/{inside}")


def _naming(folder: str, home: str) -> list[str]:
    return ["--invalidation-mode", _MODE, "-s", folder, "-p", home]


def _python(*words: str) -> None:
    # A set's order in bytecode would follow the process's hash seed.
    ran = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONHASHSEED": "0"},
    )
    if ran.returncode != 0:
        raise BytecodeError(ran.stdout + ran.stderr)
