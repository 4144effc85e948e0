"""What each command of the laptop cloud does: its words in, its exit code out."""

import argparse
import sys

from chalicelib.ledger.errors import ValidationError
from local.cloud import Cloud, remove_cloud, running_cloud
from local.demo import Book, run_demo
from local.endpoints import read_endpoints
from local.night import close_day
from local.parent_process import owner
from local.paths import usual_places
from local.read_model import rebuild
from local.routes import serve_routes
from local.running import alone, is_running
from local.supervision import watch
from local.token import access_token


def run(words: argparse.Namespace) -> int:
    """Start the laptop cloud and stay until Ctrl-C, a signal, or the owner's end."""
    places, lasting = usual_places(), not words.temporary
    with alone(places):
        try:
            _tell("Starting Livro Caixa on this machine:")
            with running_cloud(places, lasting, _tell, lasting) as cloud:
                _tell(_welcome(cloud))
                try:
                    return watch(cloud, owner(words.with_owner), _tell)
                finally:  # also where Ctrl-C ended the watch
                    _tell("Stopping …")
        finally:
            if words.temporary:
                remove_cloud(places)


def token(words: argparse.Namespace) -> int:
    """Print an access token, and nothing else."""
    sys.stdout.write(access_token(usual_places(), words.user) + "\n")
    return 0


def rebuild_read_model(words: argparse.Namespace) -> int:
    """Have the read model made again from the ledger, and print what came of it."""
    endpoints = read_endpoints(usual_places())
    print(rebuild(endpoints["aws_endpoint_url"], words.merchant, _tell, words.position))
    return 0


def close(words: argparse.Namespace) -> int:
    """Consolidate a day of all merchants by the state machine, and print how it ended."""
    if words.day is None:
        raise ValidationError("Say which day: make close-day DAY=2026-11-22.")
    ended = close_day(read_endpoints(usual_places())["aws_endpoint_url"], words.day)
    print(f"{ended.name} {ended.status} {ended.told}")
    return 0 if ended.status == "SUCCEEDED" else 1


def chalice_local(words: argparse.Namespace) -> int:
    """Serve the routes by `chalice local`, on a running cloud's stores or on a cloud of its own."""
    places = usual_places()
    if is_running(places):
        return serve_routes(read_endpoints(places)["variables"], owner(words.with_owner), _tell)
    with alone(places), running_cloud(places, durable=True, tell=_tell) as cloud:
        return serve_routes(cloud.deployed.variables, owner(words.with_owner), _tell)


def demo(_words: argparse.Namespace) -> int:
    """Record a quarter of a bakery's entries, and print a month's daily balances."""
    places = usual_places()
    book = Book(read_endpoints(places)["base_url"], access_token(places, "operator"))
    run_demo(book, _tell)
    return 0


def _tell(news: str) -> None:
    print(news, file=sys.stderr, flush=True)


def _welcome(cloud: Cloud) -> str:
    base_url = cloud.deployed.base_url
    return f"""
Livro Caixa is ready: {base_url}

Try, in another terminal:
  make demo                      a quarter of a bakery's entries, and a month's daily balances
  TOKEN=$(make token USER=operator)
  curl -s {base_url}/v1/entries -H "Authorization: Bearer $TOKEN" \\
       -H "Content-Type: application/json" -H "Idempotency-Key: first" \\
       -d '{{"type": "credit", "amount": "150.75", "description": "Venda balcão"}}'
  curl -s "{base_url}/v1/daily-balances/$(date +%F)" -H "Authorization: Bearer $TOKEN"

Users: viewer, operator, accountant (of padaria) and rival (of another merchant).
Ctrl-C stops it and keeps the data; `make clean` removes it.
"""
