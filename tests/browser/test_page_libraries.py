"""The committed libraries of the pages are what their pinned npm packages give."""

from pathlib import Path

from local.page_libraries import FOLDER, build


def test_new_build_has_the_same_bytes(tmp_path: Path) -> None:
    build(tmp_path)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.is_file()}
    assert built.keys() == committed.keys()
    assert [name for name in built if built[name] != committed[name]] == []
