"""Reads the whole history of the faults benchmark out of the database and the ledgers.

Timers leave no row behind, so the benchmark's database notes every change of `engine_timer`, in the transaction that
makes it (`WATCH`). Nothing else is added to the product's tables.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks._faults_check import Case, History, Instance, Job, Passage, Task, TimerChange, Waiting
from benchmarks._faults_ledger import lines_in
from engine import deployments
from engine.snapshot import State
from engine.store.statements import rows

WATCH = """
CREATE TABLE IF NOT EXISTS faults_timer (id bigserial PRIMARY KEY, set boolean NOT NULL, instance_id uuid,
    element text NOT NULL, due_at timestamptz NOT NULL, definition_hash text);
CREATE OR REPLACE FUNCTION faults_note_timer() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO faults_timer (set, instance_id, element, due_at, definition_hash)
            VALUES (false, OLD.instance_id, OLD.element, OLD.due_at, OLD.definition_hash);
    ELSIF TG_OP = 'INSERT' OR NEW.due_at <> OLD.due_at THEN
        INSERT INTO faults_timer (set, instance_id, element, due_at, definition_hash)
            VALUES (true, NEW.instance_id, NEW.element, NEW.due_at, NEW.definition_hash);
    END IF;
    RETURN NULL;
END $function$;
CREATE OR REPLACE TRIGGER faults_timer AFTER INSERT OR UPDATE OR DELETE ON engine_timer
    FOR EACH ROW EXECUTE FUNCTION faults_note_timer();
"""
WAITING = """
SELECT 'task' AS kind, instance_id, token, 0 AS index, NULL::timestamptz AS due_at FROM engine_task
    WHERE state IN ('open', 'claimed')
UNION ALL SELECT 'job', instance_id, token, 0, due_at FROM engine_job WHERE state IN ('queued', 'leased')
UNION ALL SELECT 'timer', instance_id, token, index, due_at FROM engine_timer WHERE instance_id IS NOT NULL
UNION ALL SELECT kind, instance_id, token, index, NULL FROM engine_subscription WHERE instance_id IS NOT NULL
UNION ALL SELECT 'incident', instance_id, token, 0, NULL FROM engine_incident WHERE resolved_at IS NULL
UNION ALL SELECT 'child', parent_id, parent_token, 0, NULL FROM engine_instance
    WHERE parent_id IS NOT NULL AND status = 'running'
"""


async def read_history(folder: Path, now: datetime) -> History:
    """Everything, from the database that is bound and the ledgers of `folder`."""
    cases = [Case(**row) for row in await rows("SELECT id, key, procedure, state, filed_at FROM engine_case")]
    tasks = await rows("SELECT id, instance_id, token, state, answers->>'faults_key' AS key FROM engine_task")
    jobs = await rows("SELECT id, instance_id, token, state, attempt, due_at FROM engine_job ORDER BY queued_at, id")
    changes = await rows("SELECT set, instance_id, element, due_at, definition_hash FROM faults_timer ORDER BY id")
    messages = await rows("SELECT message_id FROM engine_message WHERE message_id IS NOT NULL")
    sent = await rows("SELECT d.id FROM desk_draft d JOIN engine_case c ON c.id = d.case_id")
    resolved = await rows("SELECT id FROM engine_incident WHERE resolved_at IS NOT NULL")
    return History(
        now=now,
        lines=list(lines_in(folder / "ledger")),
        cases=cases,
        instances=await _instances({case.id: case.procedure for case in cases}),
        tasks=[Task(**row) for row in tasks],
        jobs=[Job(**row) for row in jobs],
        waiting=[Waiting(**row) for row in await rows(WAITING)],
        passages=await _passages(),
        timer_changes=[TimerChange(**row) for row in changes],
        sent=frozenset(str(row["id"]) for row in sent),
        messages=frozenset(row["message_id"] for row in messages),
        resolved=frozenset(row["id"] for row in resolved),
    )


async def _passages() -> list[Passage]:
    found = await rows(
        "SELECT instance_id, token, happened, element, at, details::text AS details FROM engine_history ORDER BY id"
    )
    return [Passage(**{**row, "details": json.loads(row["details"])}) for row in found]


async def _instances(procedures: dict[UUID, str]) -> list[Instance]:
    found = await rows(
        "SELECT id, case_id, parent_id, parent_token, definition_hash, process, status, state FROM engine_instance"
    )
    return [await _instance(row, procedures[row["case_id"]]) for row in found]


async def _instance(row: Any, procedure: str) -> Instance:
    known = {name: row[name] for name in ("id", "case_id", "status", "parent_id", "parent_token")}
    name = row["process"] if row["parent_id"] else procedure
    if row["status"] != "running":
        return Instance(procedure=name, **known)
    try:
        state = State.load(row["state"], await deployments.definition_of(row["definition_hash"])).whole()
    except Exception:
        return Instance(procedure=name, unreadable=True, **known)
    holders = {token.body for token in state.tokens} | {frame.host for frame in state.frames}
    return Instance(
        procedure=name,
        all_tokens=frozenset(token.number for token in state.tokens),
        tokens={t.number: t.node for t in state.tokens if not t.passive and t.number not in holders},
        timers={(each.token, each.index): each.due for each in state.subscriptions if each.due is not None},
        **known,
    )
