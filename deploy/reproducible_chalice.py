"""Chalice's command line, with bundles that are the same bytes on every machine.

Chalice already fixes the time of each file in a bundle. The order in which a file system lists
files, and the permissions that a umask gives them, are fixed here.
"""

import os
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

from chalice import cli, utils

_PLAIN_FILE = 0o100644 << 16


def sorted_walk(path: str, followlinks: bool = False) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk a folder as os.walk does, names in order."""
    for root, folders, files in os.walk(path, followlinks=followlinks):
        folders.sort()
        yield root, folders, sorted(files)


def main() -> None:
    """Run Chalice with the words of the command line."""
    describe = utils.ChaliceZipFile._create_zipinfo

    def plainly(archive: Any, *words: Any) -> zipfile.ZipInfo:
        described: zipfile.ZipInfo = describe(archive, *words)
        described.external_attr = _PLAIN_FILE
        return described

    utils.ChaliceZipFile._create_zipinfo = plainly
    utils.OSUtils.walk = lambda _self, path, followlinks=False: sorted_walk(path, followlinks)
    sys.exit(cli.main())


if __name__ == "__main__":
    main()
