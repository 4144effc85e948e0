"""The commands of deploying: `python -m deploy <command>`; the Makefile calls them."""

import argparse
import sys

from deploy.bundle import AIM_BYTES, make_bundle
from deploy.places import places_of


def main() -> int:
    """Carry out the command of the command line; return the exit code."""
    words = _parser().parse_args()
    code: int = words.command(words)
    return code


def bundle(_words: argparse.Namespace) -> int:
    """Make the zip that is shipped to Lambda, and tell its size and hash."""
    places = places_of("bundle")
    made = make_bundle(places)
    print(f"{made.path}")
    print(f"  {made.size / 1e6:.1f} MB, unpacked {made.unpacked_size / 1e6:.1f} MB")
    print(f"  SHA-256 {made.sha256}")
    print(f"  contents (CycloneDX): {places.bill_of_materials}")
    return 0 if made.size < AIM_BYTES else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy", description=__doc__)
    several = parser.add_subparsers(required=True, metavar="command")
    several.add_parser("bundle", help="make the zip that is shipped").set_defaults(command=bundle)
    return parser


if __name__ == "__main__":
    sys.exit(main())
