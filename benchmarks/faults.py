"""Faults: kills and freezes everything at random under load, lets it settle, and checks the whole history.

`python -m benchmarks faults [--kills N] [--seed N] [--json] [--break durability]`. A real PostgreSQL that commits
durably, a real Valkey, a web process, two desks (they call the verbs as pages and API do) and two workers; load on the
three procedures of `processes/`, on a torture process with all that can wait, and on a start by the clock. SIGKILL for
web, desk, worker, PostgreSQL and Valkey; SIGSTOP for a worker, past its lease, and for Valkey; the town's clock is
moved by hours now and then. Exit code 1 when anything but `kills` is not zero.

- `commands_lost`: a command was acknowledged to its caller, who wrote it down outside, and the history does not hold it
  (a case of that key; a task completed with those answers, its token gone; a message, and where it arrived; a
  cancellation; a job's report).
- `applied_twice`: one cause with two results: a token that enters or leaves an element twice, two cases of one key or
  of one start by the clock, a job's success acknowledged twice, a message taken twice, a timer that fired more often
  than it was set, a counter of the torture process that does not go 0, 1, 2, … in step with its scripts.
- `timers_lost`: a token waits for a timer that no row holds, a timer is overdue though all is quiet, a start by the
  clock filed no case.
- `timers_early`: the n-th firing of an element precedes the n-th due date set for it.
- `jobs_lost`: a job overdue though all is quiet, done though no connector was called, or over while its token waits.
- `effects_without_cause`: a connector called for a job or an attempt that no commit leased; a task, job, timer,
  subscription, incident or child whose token is not in the instance's state.
- `instances_stuck`: a running instance whose token waits for nothing, whose state cannot be read, or, of the torture
  process, that has not ended after all was answered.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks._faults_check import KINDS
from benchmarks._faults_town import Plan, suffered


def main(*arguments: str) -> None:
    """Torture, check, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks faults")
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=None, help="repeats the order of kills, not their instants")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--break", dest="broken", choices=["durability"], help="the check must then fail")
    parser.add_argument("--keep", type=Path, help="folder for logs and ledgers, kept")
    chosen = parser.parse_args(arguments)
    folder = chosen.keep or Path(tempfile.mkdtemp(prefix="parvis-faults-"))
    plan = Plan(folder=folder, kills=chosen.kills, broken=chosen.broken == "durability", seed=chosen.seed)
    try:
        kills, found, load = asyncio.run(suffered(plan))
    finally:
        if chosen.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    figures = {"kills": kills} | {kind: len(found[kind]) for kind in KINDS}
    if chosen.json:
        print(json.dumps(figures))
    else:
        _print(figures, found, load)
    if any(found.values()):
        raise SystemExit(1)


def _print(figures: dict[str, int], found: dict[str, list[str]], load: dict[str, int]) -> None:
    for name, figure in figures.items():
        print(f"{name:24}{figure:6}")
        for words in found.get(name, [])[:5]:
            print(f"    {words}", file=sys.stderr)
    print(", ".join(f"{name} {count}" for name, count in load.items()))
