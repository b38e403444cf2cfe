"""Reading: instances with their cases as rows, and what is made of them. Never decides; never writes."""

from functools import lru_cache
from typing import Any

from engine.apply.moment import CaseFacts, Running

INSTANCE = """i.id, i.case_id, i.parent_id, i.parent_token, i.definition_hash, i.process, i.rev, i.state, i.status,
    i.suspended_at, c.procedure, c.state AS case_state, c.department, c.departments, c.priority,
    c.due_at AS case_due_at, c.answered_at, c.closed_at, c.waiting_since, c.waited_seconds, c.public_step, c.decision,
    c.context::text AS context, c.xmin::text AS mark"""
READ = f"SELECT {INSTANCE} FROM engine_instance i JOIN engine_case c ON c.id = i.case_id WHERE i.id = $1"
# NO KEY: rows that point at the case (a journal line, an attachment) may still be added by others meanwhile.
LOCK = f"{READ} FOR NO KEY UPDATE OF i, c"
_PLAIN_FACTS = (
    *("procedure", "department", "priority", "answered_at", "closed_at", "waiting_since", "waited_seconds"),
    *("public_step", "decision"),
)


@lru_cache
def row_with_instance(table: str, columns: tuple[str, ...]) -> str:
    """The SQL that reads a row of this table by its id, with its instance and case."""
    own = ", ".join(f"own.{name} AS own_{name}" for name in columns)
    return f"""SELECT {own}, {INSTANCE} FROM {table} own JOIN engine_instance i ON i.id = own.instance_id
        JOIN engine_case c ON c.id = i.case_id WHERE own.id = $1"""


def running_of(record: Any) -> Running:
    """The instance in a row of the columns `INSTANCE`."""
    return Running(**{name: record[name] for name in Running.__struct_fields__})


def facts_of(record: Any) -> CaseFacts:
    """The case in a row of the columns `INSTANCE`."""
    return CaseFacts(
        id=record["case_id"],
        state=record["case_state"],
        departments=tuple(record["departments"]),
        due_at=record["case_due_at"],
        context=record["context"],
        **{name: record[name] for name in _PLAIN_FACTS},
    )
