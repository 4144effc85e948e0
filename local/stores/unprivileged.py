"""Run PostgreSQL as the user `nobody` for root, because PostgreSQL does not start as root.

`nobody` must reach the programs and the data, and cannot inside a home folder of mode 0700. Then
the programs are copied to a temporary folder while the server runs, and the data is stored outside
the home folder. No folder's permissions are changed.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

READABLE_TEMPORARY = "/var/tmp"  # noqa: S108 - survives a reboot, open to every user; TMPDIR may not be


def unprivileged_user() -> pwd.struct_passwd | None:
    """Return the user to run PostgreSQL as: `nobody` for root, else None (the current user)."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def can_enter(user: pwd.struct_passwd | None, path: Path) -> bool:
    """Return whether the user may search a folder or execute a file, tested as that user."""
    if user is None:
        return True
    command = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)]
    completed = subprocess.run(
        command, user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/", check=False
    )
    return completed.returncode == 0


def lasting_folder(preferred: Path, user: pwd.struct_passwd | None) -> Path:
    """Return `preferred` if the user can reach it, else another folder for the same data."""
    preferred.parent.mkdir(parents=True, exist_ok=True)
    if can_enter(user, preferred.parent):
        return preferred
    name = hashlib.sha256(str(preferred).encode()).hexdigest()[:16]
    elsewhere = Path(READABLE_TEMPORARY) / f"livro-caixa-{name}"
    if elsewhere.exists() and user is not None and elsewhere.stat().st_uid != user.pw_uid:
        raise RuntimeError(f"{elsewhere} belongs to another user; remove it first")
    return elsewhere


def open_folder(prefix: str, user: pwd.struct_passwd | None) -> Path:
    """Create a temporary folder that the user can reach and owns."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=READABLE_TEMPORARY))
    give(folder, user)
    return folder


def give(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Make the user the owner of a folder."""
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)


def copy_installation(installation: Path, target: Path) -> Path:
    """Copy a wheel's programs and libraries to where every user may read them.

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
            _make_readable(Path(folder, name))
    return target / package.name / installation.name


def _make_readable(path: Path) -> None:
    if path.is_symlink():
        return
    mode = path.stat().st_mode
    path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
