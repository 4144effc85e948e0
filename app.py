"""The contents page: every route, stream handler and task of Livro Caixa."""

from typing import TYPE_CHECKING, Any

from chalice.app import Cron, Rate

from chalicelib import observability
from chalicelib.api.admission import CLOSE, READ, WRITE
from chalicelib.api.gateway import CashBook
from chalicelib.runtime import settings

if TYPE_CHECKING:
    from chalicelib.api.views.view import View

app = CashBook(settings.user_pool_arn())
for kind in ("dynamodb", "scheduled", "pure_lambda"):  # requests are observed by the edge itself
    app.register_middleware(observability.log_invocation, kind)


@app.operation("GET", "/health", scope=None)
def health() -> "View[Any, Any]":
    """Say that the function answers; nothing else is touched."""
    from chalicelib.api.views import service

    return service.health


@app.operation("GET", "/health/ready", scope=None)
def ready() -> "View[Any, Any]":
    """Say whether entries can be recorded, and which dependency answers."""
    from chalicelib.api.views import service

    return service.ready


@app.operation("GET", "/openapi.json", scope=None)
def openapi() -> "View[Any, Any]":
    """Describe every operation, in OpenAPI 3.1."""
    from chalicelib.api.views import documentation

    return documentation.of(app.operations)


@app.operation("POST", "/v1/entries", scope=WRITE)
def record_entry() -> "View[Any, Any]":
    """Record an entry (lançamento)."""
    from chalicelib.api.views import entries

    return entries.record_entry


@app.operation("POST", "/v1/entries/batch", scope=WRITE)
def record_entries() -> "View[Any, Any]":
    """Record up to 100 entries, each by itself."""
    from chalicelib.api.views import entries

    return entries.record_entries


@app.operation("POST", "/v1/entries/{entry_id}/reversal", scope=WRITE)
def reverse_entry() -> "View[Any, Any]":
    """Reverse an entry (estorno) by a new one of the opposite type."""
    from chalicelib.api.views import entries

    return entries.reverse_entry


@app.operation("POST", "/v1/entries/{entry_id}/erasure", scope=CLOSE)
def erase_texts() -> "View[Any, Any]":
    """Erase an entry's description and metadata for good (LGPD)."""
    from chalicelib.api.views import erasure

    return erasure.erase_texts


@app.operation("GET", "/v1/entries/{entry_id}", scope=READ)
def look_up_entry() -> "View[Any, Any]":
    """Read one entry from the ledger itself."""
    from chalicelib.api.views import entries

    return entries.look_up_entry


@app.operation("GET", "/v1/entries", scope=READ)
def list_entries() -> "View[Any, Any]":
    """List entries, newest business day first."""
    from chalicelib.api.views import entry_list

    return entry_list.list_entries


@app.operation("GET", "/v1/daily-balances/{day}", scope=READ)
def daily_balance() -> "View[Any, Any]":
    """Read a day's consolidated balance (saldo diário consolidado)."""
    from chalicelib.api.views import balances

    return balances.daily_balance


@app.operation("GET", "/v1/daily-balances", scope=READ)
def daily_balances() -> "View[Any, Any]":
    """Read the balances of a run of days, gaps included."""
    from chalicelib.api.views import balances

    return balances.daily_balances


@app.operation("GET", "/v1/cash-flow", scope=READ)
def cash_flow() -> "View[Any, Any]":
    """Read what came in and went out by period (fluxo de caixa)."""
    from chalicelib.api.views import balances

    return balances.cash_flow_view


@app.operation("POST", "/v1/closings", scope=CLOSE)
def start_consolidation() -> "View[Any, Any]":
    """Start closing a past day (fechamento) now."""
    from chalicelib.api.views import closings

    return closings.start_consolidation


@app.operation("GET", "/v1/consolidations/{consolidation_id}", scope=CLOSE)
def show_consolidation() -> "View[Any, Any]":
    """Read how a consolidation stands that this merchant started."""
    from chalicelib.api.views import closings

    return closings.show_consolidation


@app.operation("GET", "/v1/closings/public-keys", scope=READ)
def public_keys() -> "View[Any, Any]":
    """Read the public keys that closings are checked with."""
    from chalicelib.api.views import closings

    return closings.public_keys


@app.operation("GET", "/v1/closings/{day}", scope=READ)
def list_closings() -> "View[Any, Any]":
    """Read all sealed versions of a day, newest first."""
    from chalicelib.api.views import closings

    return closings.list_closings


@app.operation("GET", "/v1/closings/{day}/proof", scope=READ)
def entry_proof() -> "View[Any, Any]":
    """Prove that an entry is in the newest version of a day."""
    from chalicelib.api.views import closings

    return closings.entry_proof


@app.operation("GET", "/v1/closings/{day}/{version}/leaves", scope=READ)
def closing_leaves() -> "View[Any, Any]":
    """Read what is under a version's root, entry by entry."""
    from chalicelib.api.views import closings

    return closings.closing_leaves


@app.on_dynamodb_record(  # type: ignore[untyped-decorator]
    stream_arn=settings.entries_stream_arn(),
    batch_size=1000,
    starting_position="TRIM_HORIZON",
    name="projector",
)
def projector(event: Any) -> None:
    """Carry new entries from the ledger into the read model."""
    from chalicelib.projection import project, wiring

    project.project(event.to_dict()["Records"], wiring.ports())


@app.lambda_function(name="pre_token")  # type: ignore[untyped-decorator]
def pre_token(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Put the merchant and the scopes into a token that Cognito is about to sign."""
    from chalicelib.identity import pre_token as trigger

    return trigger.answer(event)


@app.lambda_function(name="migrate")  # type: ignore[untyped-decorator]
def migrate(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Bring the read model's schema up to date."""
    from chalicelib.migrations import runner

    return runner.run_task(event)


@app.lambda_function(name="rebuild")  # type: ignore[untyped-decorator]
def rebuild(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Make the read model of one merchant, or of all, anew from the ledger, piece by piece."""
    from chalicelib.projection import rebuild as task

    return task.run_task(event, lambda: context.get_remaining_time_in_millis() / 1000)


@app.schedule(Cron(10, "*", "*", "*", "?", "*"), name="nightly")  # type: ignore[untyped-decorator]
def nightly(_event: Any) -> None:
    """Start yesterday's consolidation (fechamento), once; each hour is another try."""
    from chalicelib.closing import schedule as trigger

    trigger.run()


@app.lambda_function(name="await_projection")  # type: ignore[untyped-decorator]
def await_projection(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Look whether the read model has caught up with the ledger."""
    from chalicelib.closing import tasks

    return tasks.await_projection(event)


@app.lambda_function(name="plan_consolidation")  # type: ignore[untyped-decorator]
def plan_consolidation(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Divide a consolidation into ranges."""
    from chalicelib.closing import tasks

    return tasks.plan_consolidation(event)


@app.lambda_function(name="consolidate_range")  # type: ignore[untyped-decorator]
def consolidate_range(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Reconcile, close and seal the days of a range's merchants."""
    from chalicelib.closing import tasks
    from chalicelib.projection import rebuild

    return tasks.consolidate_range(event, rebuild.repair)


@app.lambda_function(name="summarize_consolidation")  # type: ignore[untyped-decorator]
def summarize_consolidation(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Add up the ranges of a consolidation."""
    from chalicelib.closing import tasks

    return tasks.summarize_consolidation(event)


@app.schedule(Rate(5, Rate.MINUTES), name="canary")  # type: ignore[untyped-decorator]
def canary(_event: Any) -> None:
    """Record an entry as a consumer does, and follow it to the balance."""
    from chalicelib.canary import watch

    watch.run()


app.refuse_other_methods()
