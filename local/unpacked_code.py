"""Unpack a function's code once for all its processes in the emulator, which only read it.

The unpacked code is in the folder for temporary files, which belongs to one emulator alone.
"""

import hashlib
import tempfile
import threading
import zipfile
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_one_at_a_time = threading.Lock()


class UnpackedOnce(zipfile.ZipFile):
    """A zip that `extractall` unpacks only once; after that it links to the unpacked folder."""

    def extractall(
        self,
        path: str | PathLike[str] | None = None,
        members: Iterable[str | zipfile.ZipInfo] | None = None,
        pwd: bytes | None = None,
    ) -> None:
        """Make the empty folder `path` a link to the unpacked content."""
        assert path is not None and self.filename is not None
        digest = hashlib.sha256(Path(self.filename).read_bytes()).hexdigest()
        unpacked = Path(tempfile.gettempdir()) / f"code-{digest}"
        with _one_at_a_time:
            if not unpacked.exists():
                unfinished = Path(tempfile.mkdtemp(dir=unpacked.parent))
                super().extractall(unfinished, members, pwd)
                unfinished.rename(unpacked)
        Path(path).rmdir()
        Path(path).symlink_to(unpacked)


def unpack_once(runtime: Any) -> None:
    """Let the emulator's module that starts functions use UnpackedOnce."""
    runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": UnpackedOnce})
