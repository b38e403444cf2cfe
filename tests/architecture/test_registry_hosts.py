"""No file names the host of a package registry: packages come from where the machine is told to look."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Written in pieces, so that this file does not find itself.
HOSTS = re.compile(
    "|".join(
        (
            "py" + r"pi\.org",
            "python" + r"hosted\.org",
            r"registry\." + r"npmjs|npmjs\.(com|org)",
            r"registry\.yarn" + "pkg",
        )
    )
)
LIST = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]


def test_no_file_names_the_host_of_a_package_registry() -> None:
    names = subprocess.run(LIST, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    files = [ROOT / name for name in names if name and (ROOT / name).is_file()]

    assert [str(file) for file in files if HOSTS.search(file.read_text("utf-8", "ignore"))] == []
