"""What a preset is: the layouts in which a bank writes one kind of file, and a sample of it."""

from dataclasses import dataclass

from chalicelib.bank_files.csv_layout import Layout


@dataclass(frozen=True, slots=True)
class Preset:
    """A bank's layouts, the newest first; `sample` is a header and one invented row of it."""

    title: str
    layouts: tuple[Layout, ...]
    sample: str


def header(columns: str) -> tuple[str, ...]:
    """Return the columns of a header that is written with semicolons."""
    return tuple(columns.split(";"))
