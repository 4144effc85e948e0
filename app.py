"""The table of contents: every route, stream handler, schedule and task of Livro Caixa."""

import gc
from typing import Any

from chalice.app import Chalice, CognitoUserPoolAuthorizer, Cron, Rate, Response

from chalicelib import observability
from chalicelib.api.auth import SCOPES
from chalicelib.api.served import METHODS, served_by
from chalicelib.runtime import settings

# Python would look for garbage after each 700 new objects, and the start of a process makes none.
gc.set_threshold(50_000)
settings.require_prepared_stage()
app = Chalice(app_name="livro-caixa", configure_logs=False)
app.api.binary_types = ["*/*"]  # the gateway passes all bytes on unchanged, whatever their type
served = served_by(app)  # logs each request, and turns every error into problem+json
# API Gateway admits a token with any scope of the service; each endpoint then checks its own scope.
users = CognitoUserPoolAuthorizer(
    "user-pool", provider_arns=[settings.user_pool_arn()], scopes=list(SCOPES)
)
for kind in ("dynamodb", "scheduled", "pure_lambda"):  # requests are logged by @served
    app.register_middleware(observability.log_invocation, kind)


@app.route("/health", methods=["GET", "HEAD"], content_types=[])
@served
def health() -> Response:
    """Respond without touching a data store."""
    from chalicelib.api import service

    return service.health(app.current_request)


@app.route("/health/ready", methods=["GET", "HEAD"], content_types=[])
@served
def ready() -> Response:
    """Check whether entries can be recorded, and each data store."""
    from chalicelib.api import service

    return service.ready(app.current_request)


@app.route("/openapi.json", methods=["GET", "HEAD"], content_types=[])
@served
def openapi() -> Response:
    """Describe every operation, in OpenAPI 3.1."""
    from chalicelib.api import service

    return service.openapi(app.current_request)


@app.route("/", methods=["GET", "HEAD"], content_types=[])
@served
def dashboard() -> Response:
    """Show the dashboard, a web page for people."""
    from chalicelib.api import web_pages

    return web_pages.dashboard(app.current_request)


@app.route("/docs", methods=["GET", "HEAD"], content_types=[])
@served
def documentation() -> Response:
    """Show the documentation of the API, a web page whose examples run."""
    from chalicelib.api import web_pages

    return web_pages.documentation(app.current_request)


@app.route("/assets/{file}", methods=["GET", "HEAD"], content_types=[])
@served
def asset(file: str) -> Response:
    """Return a script, style or image of the pages."""
    from chalicelib.api import web_pages

    return web_pages.asset(app.current_request, file)


@app.route("/v1/entries", methods=["POST"], authorizer=users, content_types=[])
@served
def record_entry() -> Response:
    """Record an entry (lançamento)."""
    from chalicelib.api import entries

    return entries.record_entry(app.current_request)


@app.route("/v1/entries/batch", methods=["POST"], authorizer=users, content_types=[])
@served
def record_entries() -> Response:
    """Record up to 100 entries, each independently."""
    from chalicelib.api import entry_batch

    return entry_batch.record_entries(app.current_request)


@app.route("/v1/entries/{entry_id}/reversal", methods=["POST"], authorizer=users, content_types=[])
@served
def reverse_entry(entry_id: str) -> Response:
    """Reverse an entry (estorno) by a new entry of the opposite type."""
    from chalicelib.api import reversals

    return reversals.reverse_entry(app.current_request, entry_id=entry_id)


@app.route("/v1/entries/{entry_id}/erasure", methods=["POST"], authorizer=users, content_types=[])
@served
def erase_texts(entry_id: str) -> Response:
    """Erase an entry's description and metadata for good (LGPD)."""
    from chalicelib.api import erasure

    return erasure.erase_texts(app.current_request, entry_id=entry_id)


@app.route("/v1/entries/{entry_id}/category", methods=["PUT"], authorizer=users, content_types=[])
@served
def correct_category(entry_id: str) -> Response:
    """Correct the category of an entry, in a record beside it."""
    from chalicelib.api import category_corrections

    return category_corrections.correct_category(app.current_request, entry_id=entry_id)


@app.route("/v1/entries/{entry_id}", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def get_entry(entry_id: str) -> Response:
    """Get one entry from the ledger."""
    from chalicelib.api import entries

    return entries.get_entry(app.current_request, entry_id=entry_id)


@app.route("/v1/entries", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def list_entries() -> Response:
    """List entries, newest first: by business day, `occurred_at`, `recorded_at` and id."""
    from chalicelib.api import entry_list

    return entry_list.list_entries(app.current_request)


@app.route("/v1/daily-balances/{day}", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def daily_balance(day: str) -> Response:
    """Read the consolidated balance of a day (saldo diário consolidado)."""
    from chalicelib.api import daily_balances

    return daily_balances.daily_balance(app.current_request, day=day)


@app.route("/v1/daily-balances", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def daily_balances() -> Response:
    """Read the balances of consecutive days, days without entries included."""
    from chalicelib.api import daily_balances

    return daily_balances.daily_balances(app.current_request)


@app.route("/v1/cash-flow", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def cash_flow() -> Response:
    """Read money in and out by period (fluxo de caixa)."""
    from chalicelib.api import cash_flow

    return cash_flow.cash_flow(app.current_request)


@app.route("/v1/statements/{month}", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def month_statement(month: str) -> Response:
    """Read the statement (extrato) of a month: JSON, CSV, XLSX, PDF, OFX or journal."""
    from chalicelib.api import statements

    return statements.month_statement(app.current_request, month=month)


@app.route("/v1/statements", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def range_statement() -> Response:
    """Read the statement (extrato) of consecutive days, in the same formats."""
    from chalicelib.api import statements

    return statements.range_statement(app.current_request)


@app.route("/v1/merchant", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def get_merchant() -> Response:
    """Read the merchant's name and document, for the terms of its cash book."""
    from chalicelib.api import merchant

    return merchant.get_merchant(app.current_request)


@app.route("/v1/merchant", methods=["PUT"], authorizer=users, content_types=[])
@served
def put_merchant() -> Response:
    """Set the merchant's name and document."""
    from chalicelib.api import merchant

    return merchant.put_merchant(app.current_request)


@app.route("/v1/imports", methods=["POST"], authorizer=users, content_types=[])
@served
def create_import() -> Response:
    """Preview a bank file (importação de extrato): OFX, CSV, TSV or CNAB 240."""
    from chalicelib.api import import_creation

    return import_creation.create_import(app.current_request)


@app.route("/v1/imports", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def list_imports() -> Response:
    """List imports of bank files, newest first."""
    from chalicelib.api import imports

    return imports.list_imports(app.current_request)


@app.route("/v1/imports/{import_id}", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def get_bank_import(import_id: str) -> Response:
    """Get an import, with its counts and its tie-out against the bank's balance."""
    from chalicelib.api import imports

    return imports.get_bank_import(app.current_request, import_id=import_id)


@app.route(
    "/v1/imports/{import_id}/rows", methods=["GET", "HEAD"], authorizer=users, content_types=[]
)
@served
def list_import_rows(import_id: str) -> Response:
    """List the rows of an import, each with what becomes of it."""
    from chalicelib.api import imports

    return imports.list_import_rows(app.current_request, import_id=import_id)


@app.route("/v1/imports/{import_id}", methods=["PATCH"], authorizer=users, content_types=[])
@served
def decide_import_rows(import_id: str) -> Response:
    """Decide about rows of an import that may be entries already."""
    from chalicelib.api import import_recording

    return import_recording.decide_import_rows(app.current_request, import_id=import_id)


@app.route("/v1/imports/{import_id}/recording", methods=["PUT"], authorizer=users, content_types=[])
@served
def record_import(import_id: str) -> Response:
    """Record an import as previewed; resumes where an earlier request stopped."""
    from chalicelib.api import import_recording

    return import_recording.record_import(app.current_request, import_id=import_id)


@app.route("/v1/imports/{import_id}/undo", methods=["PUT"], authorizer=users, content_types=[])
@served
def undo_import(import_id: str) -> Response:
    """Undo an import: reverse its entries, each on its own day."""
    from chalicelib.api import import_recording

    return import_recording.undo_import(app.current_request, import_id=import_id)


@app.route("/v1/import-presets", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def list_import_presets() -> Response:
    """List the known layouts of banks' CSV files, each with a sample row."""
    from chalicelib.api import import_mappings

    return import_mappings.list_import_presets(app.current_request)


@app.route("/v1/import-mappings", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def list_import_mappings() -> Response:
    """List the merchant's mappings of CSV columns."""
    from chalicelib.api import import_mappings

    return import_mappings.list_import_mappings(app.current_request)


@app.route(
    "/v1/import-mappings/{name}", methods=["GET", "HEAD"], authorizer=users, content_types=[]
)
@served
def get_import_mapping(name: str) -> Response:
    """Get a mapping of CSV columns."""
    from chalicelib.api import import_mappings

    return import_mappings.get_import_mapping(app.current_request, name=name)


@app.route("/v1/import-mappings/{name}", methods=["PUT"], authorizer=users, content_types=[])
@served
def put_import_mapping(name: str) -> Response:
    """Set a mapping of CSV columns."""
    from chalicelib.api import import_mappings

    return import_mappings.put_import_mapping(app.current_request, name=name)


@app.route("/v1/import-mappings/{name}", methods=["DELETE"], authorizer=users, content_types=[])
@served
def delete_import_mapping(name: str) -> Response:
    """Delete a mapping of CSV columns, if it exists."""
    from chalicelib.api import import_mappings

    return import_mappings.delete_import_mapping(app.current_request, name=name)


@app.route("/v1/import-accounts", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def get_import_accounts() -> Response:
    """Read which account of the book each account number in bank files is."""
    from chalicelib.api import import_accounts

    return import_accounts.get_import_accounts(app.current_request)


@app.route("/v1/import-accounts", methods=["PUT"], authorizer=users, content_types=[])
@served
def put_import_accounts() -> Response:
    """Set which account of the book each account number in bank files is."""
    from chalicelib.api import import_accounts

    return import_accounts.put_import_accounts(app.current_request)


@app.route("/v1/rules", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def list_rules() -> Response:
    """List the rules that give rows of bank files a category."""
    from chalicelib.api import category_rules

    return category_rules.list_rules(app.current_request)


@app.route("/v1/rules/{name}", methods=["PUT"], authorizer=users, content_types=[])
@served
def put_rule(name: str) -> Response:
    """Set a rule that gives rows of bank files a category."""
    from chalicelib.api import category_rules

    return category_rules.put_rule(app.current_request, name=name)


@app.route("/v1/rules/{name}", methods=["DELETE"], authorizer=users, content_types=[])
@served
def delete_rule(name: str) -> Response:
    """Delete a rule, if it exists."""
    from chalicelib.api import category_rules

    return category_rules.delete_rule(app.current_request, name=name)


@app.route("/v1/categories", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def list_categories() -> Response:
    """List the registered categories."""
    from chalicelib.api import categories

    return categories.list_categories(app.current_request)


@app.route("/v1/categories/{slug}", methods=["PUT"], authorizer=users, content_types=[])
@served
def put_category(slug: str) -> Response:
    """Register a category: its name in statements, and whether its money only moves."""
    from chalicelib.api import categories

    return categories.put_category(app.current_request, slug=slug)


@app.route("/v1/closings", methods=["POST"], authorizer=users, content_types=[])
@served
def start_consolidation() -> Response:
    """Start closing a past day (fechamento) now, by the state machine whose steps are below."""
    from chalicelib.api import consolidations

    return consolidations.start_consolidation(app.current_request)


@app.route(
    "/v1/consolidations/{consolidation_id}",
    methods=["GET", "HEAD"],
    authorizer=users,
    content_types=[],
)
@served
def get_consolidation(consolidation_id: str) -> Response:
    """Read the status of a consolidation that this merchant started."""
    from chalicelib.api import consolidations

    return consolidations.get_consolidation(app.current_request, consolidation_id=consolidation_id)


@app.route("/v1/closings/public-keys", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def public_keys() -> Response:
    """List the public keys that verify closings."""
    from chalicelib.api import closings

    return closings.public_keys(app.current_request)


@app.route("/v1/closings/head", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def closing_head() -> Response:
    """Return the newest closing as it is retained, for the merchant to keep."""
    from chalicelib.api import closings

    return closings.closing_head(app.current_request)


@app.route("/v1/closings/{day}", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def list_closings(day: str) -> Response:
    """List all sealed versions of a day, newest first."""
    from chalicelib.api import closings

    return closings.list_closings(app.current_request, day=day)


@app.route("/v1/closings/{day}/proof", methods=["GET", "HEAD"], authorizer=users, content_types=[])
@served
def entry_proof(day: str) -> Response:
    """Prove that the latest version of a day contains an entry."""
    from chalicelib.api import closings

    return closings.entry_proof(app.current_request, day=day)


@app.route(
    "/v1/closings/{day}/{version}/leaves",
    methods=["GET", "HEAD"],
    authorizer=users,
    content_types=[],
)
@served
def closing_leaves(day: str, version: str) -> Response:
    """List the leaves under a version's root, entry by entry."""
    from chalicelib.api import closings

    return closings.closing_leaves(app.current_request, day=day, version=version)


@app.on_dynamodb_record(
    stream_arn=settings.entries_stream_arn(),
    batch_size=1000,
    starting_position="TRIM_HORIZON",
    name="projector",
)
def projector(event: Any) -> None:
    """Project new entries from the ledger into the read model."""
    from chalicelib.projection import project, wiring

    project.project(event.to_dict()["Records"], wiring.ports())


@app.lambda_function(name="pre_token")
def pre_token(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Add the merchant and the scopes to a token before Cognito signs it."""
    from chalicelib.identity import pre_token as trigger

    return trigger.add_claims(event)


@app.lambda_function(name="migrate")
def migrate(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Migrate the read model's schema to the latest version."""
    from chalicelib.migrations import runner

    return runner.run_task(event)


@app.lambda_function(name="rebuild")
def rebuild(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Rebuild the read model from the ledger, of one merchant or of all, in steps."""
    from chalicelib.projection import rebuild as task

    return task.run_task(event, lambda: context.get_remaining_time_in_millis() / 1000)


@app.schedule(Cron(10, "*", "*", "*", "?", "*"), name="nightly")
def nightly(_event: Any) -> None:
    """Start the consolidation that closes yesterday, once; every hour retries."""
    from chalicelib.closing import schedule as trigger

    trigger.run()


# The steps of the state machine (stepfunctions/daily_consolidation.asl.json), in order. How a day
# is closed and sealed: chalicelib/closing/__init__.py.
@app.lambda_function(name="await_projection")
def await_projection(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Check whether the read model has caught up with the ledger."""
    from chalicelib.closing import tasks

    return tasks.await_projection(event)


@app.lambda_function(name="plan_consolidation")
def plan_consolidation(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Divide a consolidation into ranges of merchants."""
    from chalicelib.closing import tasks

    return tasks.plan_consolidation(event)


@app.lambda_function(name="consolidate_range")
def consolidate_range(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Reconcile, close and seal the days of a range's merchants."""
    from chalicelib.closing import tasks
    from chalicelib.projection import rebuild

    return tasks.consolidate_range(event, rebuild.repair)


@app.lambda_function(name="summarize_consolidation")
def summarize_consolidation(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Add up the results of a consolidation's ranges."""
    from chalicelib.closing import tasks

    return tasks.summarize_consolidation(event)


@app.schedule(Rate(5, Rate.MINUTES), name="canary")
def canary(_event: Any) -> None:
    """Record an entry as a consumer would, and check that its balance follows."""
    from chalicelib.canary import watch

    watch.run()


@served
def other_methods(**_path_parameters: str) -> Response:  # noqa: D103
    # No docstring, because Chalice would publish it for each of these methods.
    from chalicelib.api.served import respond_to_other_method

    return respond_to_other_method(app.current_request, ALLOWED_METHODS[app.current_request.path])


# The methods that a path does not have are routes, too: API Gateway would answer them with 403
# instead of 405. They need a token, so that strangers cannot occupy the function. OPTIONS does not,
# because browsers send preflight requests without one; the gateway answers these itself.
ALLOWED_METHODS = {path: [*methods, "OPTIONS"] for path, methods in app.routes.items()}
for path, allowed in ALLOWED_METHODS.items():
    others = [method for method in METHODS if method not in allowed]
    app.route(path, methods=others, authorizer=users, content_types=[])(other_methods)
    app.route(path, methods=["OPTIONS"], content_types=[])(other_methods)
