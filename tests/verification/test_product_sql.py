"""Every SQL statement of the product's code is found, wherever it is written."""

from pathlib import Path

from verification.statement_limits.product_sql import unsent

MODULE = '''"""Pages; a docstring may say SELECT."""
COUNT = "SELECT count(*) FROM entries"
ROWS = f"""
    SELECT {COLUMNS}::text FROM entries
    WHERE day = :day
"""
def remove(session):
    session.script("DELETE FROM " + TABLE)
def update(table):
    table.update(UpdateExpression="SET summary = :summary")
'''


def test_statement_without_operation_is_named(tmp_path: Path) -> None:
    (tmp_path / "pages.py").write_text(MODULE)
    (tmp_path / "state.sql").write_text("-- A day.\nSELECT {row} FROM days\n")
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0001.sql").write_text("CREATE TABLE days ()")
    assert unsent([], tmp_path) == ["pages.py:2", "pages.py:3", "pages.py:8", "state.sql"]
    sent = ["SELECT a, b::text FROM entries\n  WHERE day = :day", "-- A day.\nSELECT 1 FROM days"]
    assert unsent(sent, tmp_path) == ["pages.py:2", "pages.py:8"]
    assert unsent(["SELECT count(*) FROM entries WHERE true"], tmp_path)[0] == "pages.py:2"
