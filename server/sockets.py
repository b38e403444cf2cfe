"""Sockets: a private folder for the embedded servers' unix sockets, whose path is short enough for the kernel.

A unix socket's path holds 107 bytes on Linux and 103 on macOS. A data folder deeper than that keeps its sockets in
a private temporary folder, remembered in the data folder. Never changes the mode of a folder that exists.
"""

import os
import stat
import tempfile
from pathlib import Path

LONGEST = 103
_LONGEST_NAME = len("/.s.PGSQL.5432")


def socket_folder(data_dir: Path) -> Path:
    """Return the folder for the sockets of `data_dir`, made if needed, the same one at every start while it exists."""
    inside = data_dir / "run"
    if len(os.fsencode(inside)) + _LONGEST_NAME <= LONGEST:
        inside.mkdir(exist_ok=True, mode=0o700)
        return inside
    remembered = data_dir / "sockets.txt"
    if remembered.exists():
        folder = Path(remembered.read_text("utf-8").strip())
        if _is_ours(folder):
            return folder
    folder = Path(tempfile.mkdtemp(prefix="parvis-", dir=_short_temporary_folder()))
    remembered.write_text(str(folder), "utf-8")
    return folder


def _is_ours(folder: Path) -> bool:
    # In a shared temporary folder another account could wait there with a link or an open folder.
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and stat.S_IMODE(found.st_mode) == 0o700


def _short_temporary_folder() -> str:
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) < 60 else "/tmp"
