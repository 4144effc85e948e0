"""botocore's models in the bundle: what the functions call is whole, and nothing else is there."""

from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from deploy.aws_models import ServiceNameError, used_operations
from deploy.paths import PROJECT
from tests.deploy.conftest import Unpacked

ROOM = """
table = clients.aws("dynamodb")
table.query()
table.get_paginator("list_tables")
table.exceptions.IndexNotFoundException
other.aws("s3").get_object()
"""


def test_operations_are_read_from_the_code(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "one.py").write_text(ROOM)
    (tmp_path / "two.py").write_text('clients.aws("sqs")\n')
    operations = {"Query", "ListTables", "IndexNotFoundException"}
    assert used_operations(tmp_path) == {"dynamodb": operations, "sqs": set()}


@pytest.mark.parametrize("call", ["clients.aws(name)", "clients.aws()"])
def test_service_must_be_a_literal(call: str, tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text(f"one = 1\n{call}\n")
    with pytest.raises(ServiceNameError, match=r"room\.py:2"):
        used_operations(tmp_path)


def test_trimmed_models_are_complete(unpacked: Unpacked) -> None:
    models = unpacked.folder / "botocore" / "data"
    shipped = Loader([str(models)], include_default_search_paths=False)
    used = used_operations(PROJECT / "chalicelib")
    assert len(used) > 5
    for service, names in used.items():
        whole, small = (
            ServiceModel(loader.load_service_model(service, "service-2"), service)
            for loader in (Loader(), shipped)
        )
        called = names.intersection(whole.operation_names)
        assert called == set(small.operation_names)
        for name in called:
            assert shapes_of(small, name) == shapes_of(whole, name)
        assert {shape.name for shape in small.error_shapes} >= names - called


def shapes_of(model: ServiceModel, name: str) -> dict[str, Any]:
    """Return all shapes of an operation, with what decides how they are sent and read."""
    operation = model.operation_model(name)
    waiting = [operation.input_shape, operation.output_shape, *operation.error_shapes]
    result: dict[str, Any] = {"http": operation.http, "auth": operation.auth}
    while waiting:
        shape = waiting.pop()
        if shape is not None and shape.name not in result:
            result[shape.name] = (shape.type_name, shape.serialization, shape.metadata)
            waiting += getattr(shape, "members", {}).values()
            waiting += [getattr(shape, part, None) for part in ("member", "key", "value")]
    return result
