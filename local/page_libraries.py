"""Build the pages' libraries, and their licences, from the pinned npm packages.

`python -m local.page_libraries` writes them to chalicelib/pages/libraries, from where they are
committed; a test checks that a new build has the same bytes. Run `python3 -m local.setup pages`
before.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from local.page_tools import NPM, PACKAGES, PageToolsError, esbuild
from local.paths import PROJECT

FOLDER = PROJECT / "chalicelib" / "pages" / "libraries"
LICENCES = "licences.txt"
ENTRIES = PACKAGES / "entries"
COPIED = {
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
}
# The packages whose code is in the libraries, dependencies included.
SHIPPED = ("@kurkle/color", "chart.js", "htm", "oauth4webapi", "preact", "swagger-ui-dist")
_OPTIONS = ("--bundle", "--format=esm", "--minify", "--target=es2022", "--legal-comments=inline")
_MODULES = NPM / "node_modules"


def main() -> int:
    """Build into the application's own folder."""
    try:
        build(FOLDER)
    except PageToolsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def build(folder: Path) -> None:
    """Write all libraries and licences to a folder. Raises PageToolsError."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in sorted(ENTRIES.glob("*.js")):
        command = [str(esbuild()), str(entry), *_OPTIONS, f"--outfile={folder / entry.name}"]
        environment = os.environ | {"NODE_PATH": str(_MODULES)}
        ran = subprocess.run(
            command, cwd=ENTRIES, env=environment, capture_output=True, text=True, check=False
        )
        if ran.returncode != 0:
            raise PageToolsError(ran.stderr)
    for name, source in COPIED.items():
        text = (_MODULES / source).read_text("utf-8")
        # The maps of the sources are not served.
        lines = [line for line in text.split("\n") if "# sourceMappingURL=" not in line]
        (folder / name).write_text("\n".join(lines), "utf-8")
    (folder / LICENCES).write_text("\n".join(_licences()), "utf-8")


def _licences() -> Iterator[str]:
    lock = json.loads((PACKAGES / "package-lock.json").read_text())["packages"]
    yield "Libraries of the web pages of Livro Caixa, with their licences.\n"
    for name in SHIPPED:
        package = lock[f"node_modules/{name}"]
        yield f"{'=' * 80}\n{name} {package['version']}, {package['license']}"
        yield f"https://www.npmjs.com/package/{name}/v/{package['version']}"
        yield f"{package['integrity']}\n"
        files = [path for path in (_MODULES / name).iterdir() if _is_licence(path)]
        yield from (path.read_text("utf-8").strip() + "\n" for path in sorted(files))


def _is_licence(path: Path) -> bool:
    name = path.name.lower()
    return name.startswith(("licen", "notice")) or name == "swagger-ui-bundle.js.license.txt"


if __name__ == "__main__":
    sys.exit(main())
