"""`@served`: each request to a view is one log line, and every error becomes a problem."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import wraps

from chalice.app import CaseInsensitiveMapping, Chalice, Request
from chalice.app import Response as ChaliceResponse

from chalicelib import observability
from chalicelib.api.http import chalice_response, header, preflight, request_id
from chalicelib.api.problems import MethodNotAllowedError, internal_error, problem_response
from chalicelib.ledger.errors import LivroCaixaError

ViewFunction = Callable[..., ChaliceResponse]
# All methods that API Gateway's REST APIs have.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def served_by(app: Chalice) -> Callable[[ViewFunction], ViewFunction]:
    """Return the decorator of the application's views, for use below `@app.route`.

    What the view imports is part of the request: its time is logged, and its failure is a problem.
    Chalice itself would respond in another format than problem+json, and print the error's message.
    """

    def served(view: ViewFunction) -> ViewFunction:
        @wraps(view)
        def serve(**path_parameters: str) -> ChaliceResponse:
            request = accepting_anything(app.current_request)
            try:
                return _logged_response(view, request, path_parameters)
            except Exception as error:  # the log line itself failed
                with suppress(OSError, ValueError):  # standard output may be closed
                    _log_failure(error, request)
                return chalice_response(internal_error(request), request)

        return serve

    return served


def accepting_anything(request: Request) -> Request:
    """Return the request, with `Accept: */*` where it has none (RFC 9110, 12.5.1).

    Chalice would refuse to send bytes in response to a request without the header.
    """
    if not header(request, "accept"):
        request.headers = CaseInsensitiveMapping({**request.headers, "accept": "*/*"})
    return request


def respond_to_other_method(request: Request, allowed: Sequence[str]) -> ChaliceResponse:
    """Return the response to OPTIONS on a path with these methods.

    Raises MethodNotAllowedError for any other method.
    """
    if request.method != "OPTIONS":
        raise MethodNotAllowedError(allowed)
    return chalice_response(preflight(allowed), request)


def _logged_response(
    view: ViewFunction, request: Request, path_parameters: Mapping[str, str]
) -> ChaliceResponse:
    trace_header = header(request, "x-amzn-trace-id")
    name = view.__name__
    with observability.log_request("request_answered", name, request_id(request), trace_header):
        try:
            response = view(**path_parameters)
        except Exception as error:
            response = _error_response(error, request)
        status = response.status_code
        observability.annotate(route=f"{request.method} {request.path}", status=status)
        return response


def _error_response(error: Exception, request: Request) -> ChaliceResponse:
    if isinstance(error, LivroCaixaError):
        response = problem_response(error, request)
    else:
        response = internal_error(request)
    observability.annotate(outcome=type(error).__name__)
    if response.status >= 500:
        _log_failure(error, request)
    return chalice_response(response, request)


def _log_failure(error: Exception, request: Request) -> None:
    # Without the message, which may quote the request; type and place are enough to debug.
    description = observability.describe_error(error)
    observability.log("request_failed", **{"request_id": request_id(request), **description})
