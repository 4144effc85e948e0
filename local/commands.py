"""The commands of `python -m local`: each takes the parsed arguments and returns an exit code."""

import argparse
import json
import shlex
import sys
from pathlib import Path

from chalicelib.ledger.days import parse_day
from chalicelib.ledger.errors import ValidationError
from deploy.read_model import RebuildError
from local.cloud import Cloud, remove_cloud, running_cloud, watch
from local.consolidation import close_day
from local.demo import run_demo
from local.demo_client import ApiClient
from local.demo_users import MACHINE, access_token
from local.import_file import Layout, import_file
from local.paths import default_paths
from local.processes import parent_process
from local.read_model import rebuild
from local.running import is_running, lock_folder, read_endpoints
from local.serve_routes import serve_routes


def run(arguments: argparse.Namespace) -> int:
    """Start the laptop cloud and stay until Ctrl-C, a signal, or the parent's end."""
    paths, durable = default_paths(), not arguments.temporary
    with lock_folder(paths):
        try:
            _report("Starting Livro Caixa on this machine:")
            with running_cloud(paths, durable, _report, keep=durable) as cloud:
                _report(_welcome(cloud))
                try:
                    return watch(cloud, parent_process(arguments.parent_pid), _report)
                finally:  # also when Ctrl-C ended the watch
                    _report("Stopping …")
        finally:
            if arguments.temporary:
                remove_cloud(paths)


def token(arguments: argparse.Namespace) -> int:
    """Print an access token, and nothing else."""
    print(access_token(default_paths(), arguments.user))
    return 0


def client(_arguments: argparse.Namespace) -> int:
    """Print shell variables with what a till needs: addresses, and the machine client's secret."""
    paths = default_paths()
    endpoints = read_endpoints(paths)
    values = {
        "BASE_URL": endpoints["base_url"],
        "TOKEN_URL": endpoints["token_url"],
        "CLIENT_ID": endpoints["machine_client_id"],
        "CLIENT_SECRET": json.loads(paths.passwords.read_text())[MACHINE],
    }
    for name, value in values.items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def rebuild_read_model(arguments: argparse.Namespace) -> int:
    """Rebuild the read model from the ledger, and print the counts."""
    endpoint = read_endpoints(default_paths())["aws_endpoint_url"]
    try:
        print(rebuild(endpoint, arguments.merchant, _report, arguments.position))
    except RebuildError as error:  # also after a signal, which would hide it from the caller
        _report(str(error))
        return 1
    _report("The read model equals the ledger again.")
    return 0


def close(arguments: argparse.Namespace) -> int:
    """Close a day of all merchants by the state machine, and print the result."""
    if arguments.day is None:
        raise ValidationError("Say which day: make close-day DAY=2026-11-22.")
    parse_day(arguments.day)
    paths = default_paths()
    endpoints = read_endpoints(paths)
    _report(f"Closing {arguments.day}: comparing with the ledger, sealing, archiving …")
    result = close_day(endpoints["aws_endpoint_url"], arguments.day)
    print(f"{result.name} {result.status} {result.output}")
    if result.status != "SUCCEEDED":
        log = paths.emulator / "emulator.log"
        _report(f"The day is not closed for all merchants, as said above; {log} has the details.")
        return 1
    if json.loads(result.output)["closed"] == 0:
        _report(f"No merchant had a day to close up to {arguments.day}.")
        return 0
    _report(f"Read the closing: GET {endpoints['base_url']}/v1/closings/{arguments.day}")
    return 0


def chalice_local(arguments: argparse.Namespace) -> int:
    """Serve the routes by `chalice local`, on the running cloud or on one started for it."""
    paths, parent = default_paths(), parent_process(arguments.parent_pid)
    if is_running(paths):
        return serve_routes(read_endpoints(paths)["variables"], parent, _report)
    with lock_folder(paths), running_cloud(paths, durable=True, report=_report) as cloud:
        return serve_routes(cloud.deployment.variables, parent, _report)


def demo(_arguments: argparse.Namespace) -> int:
    """Record three months of a bakery's entries, and print the last month's daily balances."""
    paths = default_paths()
    client = ApiClient(read_endpoints(paths)["base_url"], access_token(paths, "operator"))
    last_day = run_demo(client, paths.root, _report)
    _report(f"Next: make close-day DAY={last_day}")
    return 0


def import_bank_file(arguments: argparse.Namespace) -> int:
    """Import a bank file, and print each of its rows with its outcome."""
    if arguments.file is None:
        raise ValidationError("Say which file: make import FILE=extrato.ofx ACCOUNT=bank.")
    path = Path(arguments.file)
    for each in filter(None, (path, arguments.mapping)):
        if not each.is_file():
            raise ValidationError(f"{each} is not a file; give the path of one.")
    paths = default_paths()
    client = ApiClient(read_endpoints(paths)["base_url"], access_token(paths, "operator"))
    layout = Layout(arguments.preset, arguments.mapping)
    import_file(client, path, arguments.account, _report, layout)
    return 0


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _welcome(cloud: Cloud) -> str:
    base_url = cloud.deployment.base_url
    entry = '{"type": "credit", "amount": "150.75", "description": "Venda balcão"}'
    return f"""
Livro Caixa is ready. Open it, and sign in as accountant by one click:

  {base_url}/

The API is at {base_url}, its documentation at {base_url}/docs.
Try, in another terminal:
  make demo                      three months of a bakery's entries, and a month's daily balances
  TOKEN=$(.venv/bin/python -m local token operator)
  curl -s {base_url}/v1/entries -H "Authorization: Bearer $TOKEN" \\
       -H "Content-Type: application/json" -H "Idempotency-Key: first" \\
       -d '{entry}'
  curl -s "{base_url}/v1/daily-balances/$(TZ=America/Sao_Paulo date +%F)" \\
       -H "Authorization: Bearer $TOKEN"

Users: viewer, operator, accountant (of padaria) and rival (of another merchant); their passwords
are in {cloud.paths.passwords}.
Ctrl-C stops it and keeps the data; `make clean` removes the data.
"""
