"""Ten minutes of fuzzing find no exception but ours, and no input that takes long."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = int(os.environ.get("PARVIS_FUZZ_SECONDS", "600"))


@pytest.mark.proof
def test_fuzzing_finds_no_other_exception(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.feel.fuzz", f"-max_total_time={SECONDS}", "-timeout=20", "-max_len=400"]

    ended = subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/"], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )

    assert ended.returncode == 0, ended.stderr[-4000:]
