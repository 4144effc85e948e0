"""Run `chalice local`'s server with what API Gateway does in AWS and the server leaves out.

`python -m local.chalice_local HOST PORT STAGE`. Chalice's server trusts the claims of any token,
breaks on a text that is not a token, and answers an unknown path in its own words. Here the routes
have no authorizer, so that the application verifies every token, and an unknown path is a problem.
"""

import copy
import logging
import os
import sys
from typing import Any

from chalice.app import Chalice, Request
from chalice.cli.factory import CLIFactory
from chalice.local import ChaliceRequestHandler, LambdaContext, LocalDevServer, create_local_server

from chalicelib.api.http import chalice_response
from chalicelib.api.problems import problem_response
from chalicelib.ledger.errors import NotFoundError
from local.paths import PROJECT


class GatewayRequestHandler(ChaliceRequestHandler):  # type: ignore[misc]
    """Chalice's handler, with 404 for a path without a route, where Chalice's server sends 403."""

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
    error = NotFoundError("There is no such path; /openapi.json lists them all.")
    response: dict[str, Any] = chalice_response(problem_response(error, request), request).to_dict()
    return response


def remove_authorizers(application: Chalice) -> None:
    """Remove the authorizers from an application's routes; its endpoints verify the tokens."""
    for methods in application.routes.values():
        for method, route in methods.items():
            methods[method] = copy.copy(route)
            methods[method].authorizer = None


def server_of(application: Chalice, config: Any, host: str, port: int) -> LocalDevServer:
    """Return Chalice's server of an application, on a port (0: any free one)."""
    remove_authorizers(application)
    # Chalice makes the application's request thread-local here, and opens a socket of its own.
    create_local_server(application, config, host, 0).server.server_close()
    return LocalDevServer(application, config, host, port, handler_cls=GatewayRequestHandler)


def main(host: str, port: str, stage: str) -> None:
    """Serve the application of this project until the process is stopped."""
    os.environ["AWS_CHALICE_CLI_MODE"] = "true"  # as Chalice's own command does
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    factory = CLIFactory(str(PROJECT), environ=os.environ)
    config = factory.create_config_obj(chalice_stage_name=stage)
    application = factory.load_chalice_app(config.environment_variables)
    server_of(application, config, host, int(port)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
