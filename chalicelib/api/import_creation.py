"""Create an import (importação de extrato): preview a bank file that is sent as the body."""

import hashlib
from typing import Annotated

from chalice.app import Request
from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo

from chalicelib import observability
from chalicelib.api.auth import WRITE
from chalicelib.api.endpoint import ApiRequest, ResponseSpec, Upload, endpoint
from chalicelib.api.fields import NameSchema, Slug, reject, rule
from chalicelib.api.http import Response, location, query_parameters
from chalicelib.api.import_mappings import column_mapping
from chalicelib.api.import_responses import (
    ImportResponse,
    import_response,
)
from chalicelib.api.import_wiring import ports
from chalicelib.api.validation import RequestQuery
from chalicelib.bank_files.csv_layout import ColumnMapping
from chalicelib.bank_files.errors import MAX_BYTES, MAX_ROWS, FileTooLargeError
from chalicelib.bank_files.presets import PRESETS
from chalicelib.commands import wiring as commands_wiring
from chalicelib.commands.import_keys import earlier_import, reserve_import
from chalicelib.importing.create import ImportRequest, create, created_earlier
from chalicelib.ledger.errors import (
    FieldError,
    IdempotencyKeyReusedError,
    ImportBucketUnavailableError,
    InvalidQueryError,
    LedgerUnavailableError,
    ReadModelUnavailableError,
    ValidationError,
)
from chalicelib.ledger.idempotency import OriginalRequest
from chalicelib.ledger.text import parse_name_in_path

MEDIA_TYPES = (
    "application/x-ofx",
    "text/csv",
    "text/tab-separated-values",
    "text/plain",
    "application/octet-stream",
)
_LIMITS = f"{MAX_BYTES // 1024 // 1024} MiB and {MAX_ROWS:,} rows"


def _preset(text: str) -> str:
    if text not in PRESETS:
        reject(f"must be one of {', '.join(PRESETS)}")
    return text


def _without_preset(name: str, seen: ValidationInfo) -> str:
    if seen.data.get("preset") is not None:
        reject("must be absent, because preset says how the file is read")
    return name


_PresetName = Annotated[str, Field(json_schema_extra={"enum": [*PRESETS]})]
_Preset = Annotated[str, PlainValidator(rule(_preset), json_schema_input_type=_PresetName)]
_MappingName = Annotated[
    str, PlainValidator(rule(parse_name_in_path), json_schema_input_type=NameSchema)
]


class NewImportQuery(RequestQuery):
    """How a file is read; OFX and CNAB 240 need nothing."""

    account: Slug | None = Field(
        None,
        description="The account in the book, for a file with one statement. Otherwise it follows "
        "from the file's account number (`/v1/import-accounts`).",
    )
    preset: _Preset | None = Field(
        None, description="The layout of a CSV file; needed if its header fits several, or none."
    )
    mapping: Annotated[_MappingName, AfterValidator(_without_preset)] | None = Field(
        None, description="A mapping of `/v1/import-mappings`, in place of a preset."
    )


@endpoint(
    scope=WRITE,
    query=NewImportQuery,
    body=Upload(MEDIA_TYPES, MAX_BYTES, _LIMITS),
    idempotent=True,
    responses=[
        ResponseSpec(201, ImportResponse, "The import, in `preview`.", headers=("Location",))
    ],
    raises=[
        FileTooLargeError,
        ValidationError,
        IdempotencyKeyReusedError,
        LedgerUnavailableError,
        ReadModelUnavailableError,
        ImportBucketUnavailableError,
    ],
    description=(
        "The body is the file as the bank wrote it: OFX 1.x or 2.x, CSV, TSV, or CNAB 240 (extrato "
        "para conciliação). Its format and encoding are recognized from its bytes. Nothing is "
        f"recorded yet. At most {_LIMITS}. A request with the same key is the same if its bytes "
        "and its query are."
    ),
)
def create_import(request: ApiRequest[NewImportQuery, bytes]) -> Response:
    """Preview a bank file."""
    merchant_id, content = request.principal.merchant_id, request.body
    original = _original(request.http, content)
    commands = commands_wiring.ports()
    earlier = earlier_import(commands, merchant_id, request.key, original)

    def reserve(import_id: str) -> str:
        return reserve_import(commands, merchant_id, request.key, original, import_id)

    result = created_earlier(ports(), merchant_id, earlier) if earlier else None
    if result is None:
        query = request.query
        mapping = _mapping(merchant_id, query.mapping) if query.mapping else None
        sent = ImportRequest(content, query.account, query.preset, mapping)
        result = create(ports(), merchant_id, sent, earlier, reserve)
    stored, replayed = result
    observability.annotate(outcome="replayed" if replayed else "previewed")
    headers = {"Location": location(request.http, f"/v1/imports/{stored.import_id}")}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(201, import_response(stored), headers)


def _mapping(merchant_id: str, name: str) -> ColumnMapping:
    match = column_mapping(merchant_id, name)
    if match is None:
        message = "must be one of /v1/import-mappings"
        raise InvalidQueryError(f"mapping {message}.", [FieldError("mapping", message)])
    return match


def _original(request: Request, content: bytes) -> OriginalRequest:
    query = {name: list(texts) for name, texts in query_parameters(request).items()}
    digest = hashlib.sha256(content).hexdigest()
    return OriginalRequest("import", {"file": digest, "query": query})
