"""`@endpoint`: what an endpoint takes and returns, declared once for serving and for OpenAPI."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from urllib.parse import unquote

from chalice.app import Request
from chalice.app import Response as ChaliceResponse

from chalicelib import observability
from chalicelib.api.auth import authorize
from chalicelib.api.http import Response, chalice_response, query_parameters, raw_body
from chalicelib.api.json_body import file_body, json_body
from chalicelib.api.problems import BadRequestError, problem_type_of
from chalicelib.api.request_headers import idempotency_key, require_json, require_media_type
from chalicelib.ledger.days import parse_day, parse_month
from chalicelib.ledger.errors import FieldError, LivroCaixaError, ValidationError
from chalicelib.ledger.principal import Principal
from chalicelib.ledger.text import parse_name_in_path, parse_slug
from chalicelib.runtime.wiring import once

if TYPE_CHECKING:
    from chalicelib.api.validation import RequestBody, RequestQuery

_RECORDING = frozenset({"record_entry", "record_entries", "reverse_entry"})
"""The endpoints whose failures are counted as entries that failed or were refused."""
Query = TypeVar("Query")
Body = TypeVar("Body")


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """A successful response: its status, its body's type (None: no body), and further headers.

    `media_types` are those of files that the endpoint also returns, in place of the JSON body.

    `ETag` and `Idempotent-Replayed` follow from the endpoint's `etag` and `idempotent`.
    """

    status: int
    body: Any
    description: str
    headers: Sequence[str] = ()
    media_types: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the body: its media types, how many bytes it may have, and the limits in words."""

    media_types: Sequence[str]
    limit_bytes: int
    limits: str


@dataclass(frozen=True, slots=True)
class Default:
    """States a default in the schema of a response's field, which is always sent."""

    default: object

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the field's JSON schema with the default (pydantic, "JSON Schema")."""
        return {**handler(schema), "default": self.default}


class ApiRequest(NamedTuple, Generic[Query, Body]):
    """A valid request: Chalice's own, and what was read from it.

    `sent` is the body's JSON value before defaults, `key` the Idempotency-Key of an idempotent
    endpoint.
    """

    http: Request
    query: Query
    body: Body
    sent: Mapping[str, Any]
    key: str
    authorized: Principal | None

    @property
    def principal(self) -> Principal:
        """On whose behalf the request is made; only for endpoints with a scope."""
        if self.authorized is None:
            raise RuntimeError("An endpoint without a scope has no principal.")
        return self.authorized


@dataclass(frozen=True)
class Endpoint:
    """A view with its declaration; calling it serves Chalice's request."""

    name: str
    view: Callable[..., Response]
    scope: str | None
    query: "type[RequestQuery] | None"
    body: "type[RequestBody] | Upload | None"
    responses: Sequence[ResponseSpec]
    raises: Sequence[type[LivroCaixaError]]
    idempotent: bool
    etag: bool
    description: str | None

    def __call__(self, request: Request, **path_parameters: str) -> ChaliceResponse:
        """Return the view's response to a valid request.

        Raises the errors of authorization, of validation and of the view.
        """
        principal = None
        try:
            if self.scope:
                principal = authorize(request, self.scope)
                merchant = observability.merchant_hash(principal.merchant_id)
                observability.annotate(merchant=merchant)
            valid, parsed = self._validate(request, path_parameters, principal)
            return chalice_response(self.view(valid, **parsed), request)
        except Exception as error:
            if principal and self.name in _RECORDING:
                is_internal = problem_type_of(type(error)).status >= 500
                observability.count("EntriesFailed" if is_internal else "EntriesRefused")
            raise

    def _validate(
        self, request: Request, path_parameters: Mapping[str, str], principal: Principal | None
    ) -> tuple[ApiRequest[Any, Any], dict[str, object]]:
        """Return the valid request and its path parameters, parsed."""
        if isinstance(self.body, Upload):
            require_media_type(request, self.body.media_types)
        elif self._takes_body(request):
            require_json(request)
        field_errors: list[FieldError] = []
        parsed = _parse_path(path_parameters, field_errors)
        key = idempotency_key(request, field_errors) if self.idempotent else ""
        query = self._parse_query(request, field_errors)
        if field_errors:
            raise BadRequestError("The path, headers or query are invalid.", field_errors)
        sent, body = self._parse_body(request)
        return ApiRequest(request, query, body, sent, key, principal), parsed

    def _parse_query(self, request: Request, field_errors: list[FieldError]) -> Any:
        parameters = query_parameters(request)
        if not self.query and not parameters:
            return None
        return _validation().parse_query(self.query, parameters, field_errors)

    def _parse_body(self, request: Request) -> tuple[Any, Any]:
        if isinstance(self.body, Upload):
            return {}, file_body(request, self.body.limit_bytes, self.body.limits)
        if not self._takes_body(request):
            return {}, None
        sent = json_body(request)
        return sent, _validation().parse_body(self.body, sent)

    def _takes_body(self, request: Request) -> bool:
        if self.body is None or isinstance(self.body, Upload):
            return False
        return bool(not self.body.is_optional or raw_body(request))


def endpoint(
    *,
    scope: str | None,
    responses: Sequence[ResponseSpec],
    query: "type[RequestQuery] | None" = None,
    body: "type[RequestBody] | Upload | None" = None,
    raises: Sequence[type[LivroCaixaError]] = (),
    idempotent: bool = False,
    etag: bool = False,
    description: str | None = None,
) -> Callable[[Callable[..., Response]], Endpoint]:
    """Declare an endpoint; the decorated view takes an ApiRequest and the path parameters.

    `scope` is the scope that the token must have; None: no token is needed. `raises` are the errors
    of the view itself, beside those of authorization and validation. An `idempotent` endpoint
    requires an Idempotency-Key, one with `etag` responds 304 to a client that has the response.
    `description` says in OpenAPI what the summary, the view's docstring, leaves out. The body of an
    Upload is a file, as bytes.
    """

    def declare(view: Callable[..., Response]) -> Endpoint:
        return Endpoint(
            name=view.__name__,
            view=view,
            scope=scope,
            query=query,
            body=body,
            responses=responses,
            raises=raises,
            idempotent=idempotent,
            etag=etag,
            description=description,
        )

    return declare


@once
def _validation() -> ModuleType:
    # Imported at the first use: importing pydantic takes longer than /health takes to respond.
    from chalicelib.api import validation

    return validation


def _parse_version(text: str) -> int:
    # Few paths have a version, and the rules of closings take long to import.
    from chalicelib.ledger.closings import parse_version

    return parse_version(text)


_PATH_PARSERS: Mapping[str, Callable[[str], object]] = {
    "day": parse_day,
    "month": parse_month,
    "name": parse_name_in_path,
    "slug": lambda text: parse_slug(text, "slug"),
    "version": _parse_version,
}


def _parse_path(
    path_parameters: Mapping[str, str], field_errors: list[FieldError]
) -> dict[str, object]:
    parsed: dict[str, object] = {}
    for name, text in path_parameters.items():
        try:
            # Neither API Gateway nor Chalice decodes path parameters (RFC 3986, section 2.1).
            parsed[name] = _PATH_PARSERS.get(name, str)(unquote(text))
        except ValidationError as error:
            field_errors += error.field_errors
    return parsed
