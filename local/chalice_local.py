"""Run the server of `chalice local` with the parts of API Gateway that it lacks.

Usage: `python -m local.chalice_local HOST PORT STAGE`. Chalice's server trusts the claims of any
token, fails on a text that is not a token, and has its own response to an unknown path. Here the
routes have no authorizer, so the application verifies every token, and an unknown path gets a
problem document.
"""

import logging
import os
import sys
from typing import Any

from chalice.app import Request
from chalice.cli.factory import CLIFactory
from chalice.local import ChaliceRequestHandler, LambdaContext, LocalChalice, LocalDevServer

from chalicelib.api.http import chalice_response
from chalicelib.api.problems import problem_response
from chalicelib.ledger.errors import NotFoundError
from local.paths import PROJECT


class GatewayRequestHandler(ChaliceRequestHandler):  # type: ignore[misc]
    """Chalice's handler, with 404 for a path without a route, where Chalice's server sends 403.

    A header that is sent twice is one list (RFC 9110, 5.3); Chalice's server drops all but one.
    """

    def _parse_payload(self) -> tuple[dict[str, str], bytes | None]:
        headers, body = super()._parse_payload()
        return {name: ", ".join(self.headers.get_all(name, [])) for name in headers}, body

    def _send_error_response(self, _error: Exception) -> None:
        # Without authorizers, an unknown path is the only error that Chalice's server raises.
        response = not_found(self.command, self.path)
        self._send_http_response(response["statusCode"], response["headers"], response["body"])


def not_found(method: str, target: str) -> dict[str, Any]:
    """Return the proxy response to a request for a path without a route."""
    path = target.partition("?")[0]
    event = {
        "requestContext": {"httpMethod": method, "resourcePath": path, "path": path},
        "headers": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": None,
    }
    request = Request(event, LambdaContext("chalice local", 0))
    error = NotFoundError("This path does not exist; /openapi.json lists all paths.")
    response: dict[str, Any] = chalice_response(problem_response(error, request), request).to_dict()
    return response


def main(host: str, port: str, stage: str) -> None:
    """Serve the application of this project until the process is stopped."""
    os.environ["AWS_CHALICE_CLI_MODE"] = "true"  # as Chalice's own command does
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    factory = CLIFactory(str(PROJECT), environ=os.environ)
    config = factory.create_config_obj(chalice_stage_name=stage)
    application = factory.load_chalice_app(config.environment_variables)
    application.__class__ = LocalChalice  # keeps a request per thread
    for methods in application.routes.values():
        for route in methods.values():
            route.authorizer = None
    handler = GatewayRequestHandler
    LocalDevServer(application, config, host, int(port), handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
