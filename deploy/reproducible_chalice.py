"""Chalice's command line, with what its configuration lacks.

Bundles are the same bytes on every machine: Chalice already fixes the time of each file, and this
also fixes their order, which varies by file system, and permissions, which vary by umask.

Functions get their IPv6 addresses, and the API its own error responses, in Chalice's own calls.
Set afterwards, each deployment would take them away for a while: Chalice replaces the whole
definition of an API, and the whole network configuration of a function.

The gateway answers OPTIONS itself, so that strangers cannot occupy the function with it.
"""

import importlib
import os
import sys
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from chalice import awsclient, cli, config, utils
from chalice.deploy import swagger

from infrastructure import gateway_responses

# Set to "on" where functions in the network have IPv6 addresses.
IPV6 = "FUNCTIONS_HAVE_IPV6"
# The functions' runtime; otherwise Chalice takes the version of Python that runs it.
RUNTIME = "FUNCTIONS_RUNTIME"
_PLAIN_FILE = 0o100644 << 16


def sorted_walk(path: str, followlinks: bool = False) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk a folder as os.walk does, in the order of names."""
    for root, folders, files in os.walk(path, followlinks=followlinks):
        folders.sort()
        yield root, folders, sorted(files)


def main() -> None:
    """Run Chalice with the arguments of the command line."""
    _fix_bundles()
    _add_error_responses()
    _answer_preflights()
    if os.environ.get(IPV6) == "on":
        _add_ipv6()
    if runtime := os.environ.get(RUNTIME):
        config.Config.lambda_python_version = property(lambda _config: runtime)
    sys.exit(cli.main())


def _fix_bundles() -> None:
    create_zipinfo = utils.ChaliceZipFile._create_zipinfo

    def create_plain_zipinfo(archive: Any, *arguments: Any) -> zipfile.ZipInfo:
        member: zipfile.ZipInfo = create_zipinfo(archive, *arguments)
        member.external_attr = _PLAIN_FILE
        return member

    utils.ChaliceZipFile._create_zipinfo = create_plain_zipinfo
    utils.OSUtils.walk = lambda _self, path, followlinks=False: sorted_walk(path, followlinks)


def _add_error_responses() -> None:
    generate = swagger.TemplatedSwaggerGenerator.generate_swagger

    def generate_complete(generator: Any, *arguments: Any, **more: Any) -> dict[str, Any]:
        definition: dict[str, Any] = generate(generator, *arguments, **more)
        responses = gateway_responses.in_api_definition()
        return {**definition, "x-amazon-apigateway-gateway-responses": responses}

    swagger.TemplatedSwaggerGenerator.generate_swagger = generate_complete


def _answer_preflights() -> None:
    for generator in (swagger.TemplatedSwaggerGenerator, swagger.CFNSwaggerGenerator):
        generator.generate_swagger = _with_preflights(generator.generate_swagger)


def _with_preflights(generate: Any) -> Any:
    def generate_with(generator: Any, *arguments: Any, **more: Any) -> dict[str, Any]:
        from chalicelib.api.http import preflight

        definition: dict[str, Any] = generate(generator, *arguments, **more)
        # Chalice has imported the application.
        for path, allowed in importlib.import_module("app").ALLOWED_METHODS.items():
            response = preflight(allowed)
            options = preflight_operation(response.status, response.headers)
            definition["paths"][path]["options"] = options
        return definition

    return generate_with


def preflight_operation(status: int, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return an operation of a Swagger document whose response the gateway gives itself."""
    code = str(status)
    values = {f"method.response.header.{name}": f"'{text}'" for name, text in headers.items()}
    return {
        "responses": {
            code: {
                "description": "The methods of this path.",
                "headers": {name: {"type": "string"} for name in headers},
            }
        },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            # All media types are binary here, and a mock reads its request as text.
            "contentHandling": "CONVERT_TO_TEXT",
            "passthroughBehavior": "never",
            "requestTemplates": {"application/json": f'{{"statusCode": {code}}}'},
            "responses": {"default": {"statusCode": code, "responseParameters": values}},
        },
    }


def _add_ipv6() -> None:
    create_network = awsclient.TypedAWSClient._create_vpc_config

    def create_dual_stack(client: Any, *arguments: Any, **more: Any) -> dict[str, Any]:
        network: dict[str, Any] = create_network(client, *arguments, **more)
        return {**network, "Ipv6AllowedForDualStack": True} if network["SubnetIds"] else network

    awsclient.TypedAWSClient._create_vpc_config = create_dual_stack


if __name__ == "__main__":
    main()
