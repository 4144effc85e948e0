"""Chalice's command line, making bundles that are the same bytes on every machine.

Chalice already fixes the time of each file in a bundle. This also fixes the order of files, which
varies by file system, and their permissions, which vary by umask.
"""

import os
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

from chalice import cli, utils

_PLAIN_FILE = 0o100644 << 16


def sorted_walk(path: str, followlinks: bool = False) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk a folder as os.walk does, in the order of names."""
    for root, folders, files in os.walk(path, followlinks=followlinks):
        folders.sort()
        yield root, folders, sorted(files)


def main() -> None:
    """Run Chalice with the arguments of the command line."""
    create_zipinfo = utils.ChaliceZipFile._create_zipinfo

    def create_plain_zipinfo(archive: Any, *arguments: Any) -> zipfile.ZipInfo:
        member: zipfile.ZipInfo = create_zipinfo(archive, *arguments)
        member.external_attr = _PLAIN_FILE
        return member

    utils.ChaliceZipFile._create_zipinfo = create_plain_zipinfo
    utils.OSUtils.walk = lambda _self, path, followlinks=False: sorted_walk(path, followlinks)
    sys.exit(cli.main())


if __name__ == "__main__":
    main()
