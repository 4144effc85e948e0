"""Where a rebuild stopped: written to a file, which the next rebuild resumes from and deletes."""

import re
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path

RUN_AGAIN = "\nRun the same command again; repairs that were made stay."
_PREFIX = "rebuild-position-"
_WRITTEN_HERE = re.compile(_PREFIX + "[a-z0-9_]{8}")


class Resumption:
    """The `--position` of a command: a position, or @ and the file that contains it, or None.

    Raises OSError or UnicodeDecodeError where that file cannot be read.
    """

    def __init__(self, argument: str | None, report: Callable[[str], None]) -> None:
        self.position = argument
        self._report = report
        self._file: Path | None = None
        if argument is not None and argument.startswith("@"):
            self._file = Path(argument[1:])
            self.position = self._file.read_text(encoding="ascii").strip()

    def how_to_continue(self, position: str | None) -> str:
        """Return what to do after a stop at `position`, which is then in a file."""
        if position is None:
            return RUN_AGAIN
        resume = "Resume by the same command with --position"
        try:
            return f"\n{resume} {shlex.quote(f'@{self._saved(position)}')}"
        except OSError as error:
            return f"\nThe position is not in a file ({error}). {resume} {position}"

    def delete_file(self) -> None:
        """Delete the file where a rebuild wrote it; a file of another name is the user's."""
        if self._file is None or not _WRITTEN_HERE.fullmatch(self._file.name):
            return
        try:
            self._file.unlink()
        except OSError as error:
            self._report(f"{self._file} is not needed any more, and cannot be deleted: {error}")
        else:
            self._report(f"Deleted {self._file}, which is not needed any more.")

    def _saved(self, position: str) -> Path:
        """Return the file of a position, which is too long for a terminal."""
        if self._file is not None and position == self.position:
            return self._file
        folder = Path.cwd()
        with tempfile.NamedTemporaryFile("w", prefix=_PREFIX, dir=folder, delete=False) as file:
            file.write(position)
        self.delete_file()
        return Path(file.name)
