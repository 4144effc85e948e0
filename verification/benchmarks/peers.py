"""Which of the programs and libraries that we are held against are on this machine."""

import importlib.metadata
import importlib.util
import shutil
import subprocess

LIBRARIES = {
    "psycopg": "psycopg",
    "duckdb": "duckdb",
    "beancount": "beancount",
    "aws_lambda_powertools": "aws-lambda-powertools",
    "fastapi": "fastapi",
    "mangum": "mangum",
    "chalice": "chalice",
    "pydantic": "pydantic",
}
PROGRAMS = ("hledger", "ledger")


def has(name: str) -> bool:
    """Say whether a library can be imported, or a program be run."""
    if name in PROGRAMS:
        return shutil.which(name) is not None
    return importlib.util.find_spec(name) is not None


def versions() -> dict[str, str]:
    """Return the version of each, "absent" where it is not here."""
    libraries = {
        package: importlib.metadata.version(package) if has(name) else "absent"
        for name, package in LIBRARIES.items()
    }
    return libraries | {name: _told_version(name) for name in PROGRAMS}


def _told_version(program: str) -> str:
    if not has(program):
        return "absent"
    completed = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return (
        completed.stdout.splitlines()[0].split(",")[0].removeprefix(program).strip().split(" ")[-1]
    )
