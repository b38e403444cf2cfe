"""Parts: what a commit of the engine may write, table by table: the columns of a row as they are given, and the SQL.

`{rows}` stands for the rows, named `u`. A guarded part returns a row for each one it met as it was read.
"""

import msgspec


class Column(msgspec.Struct, frozen=True):
    """A value of a row: `sent` is its type on the way, `cast` what is put behind it."""

    name: str
    sent: str
    cast: str = ""


class Part(msgspec.Struct, frozen=True):
    """The rows of one table that are written in one way."""

    columns: tuple[Column, ...]
    sql: str
    guarded: bool = False


def _part(columns: str, sql: str, *, guarded: bool = False) -> Part:
    """`columns`: `name type` separated by commas; JSON and lists travel as text, which the driver sends soonest."""
    found: list[Column] = []
    for column in columns.split(","):
        name, kind = column.split()
        found.append(Column(name, "text", f"::{kind}") if kind in ("jsonb", "text[]") else Column(name, kind))
    return Part(tuple(found), sql, guarded)


def _insert(table: str, columns: str, *, after: str = "", values: dict[str, str] | None = None) -> Part:
    """Rows added as they are given; `values` are columns made in SQL."""
    given = [column.split()[0] for column in columns.split(",")]
    names = [*given, *(values or {})]
    made = [*(f"u.{name}" for name in given), *(values or {}).values()]
    return _part(columns, f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(made)} FROM {{rows}} {after}")


# Facts of a case that follow from what its instances do: `engine.apply.facts`.
_FACTS = """state text, department text, departments text[], priority smallint, due_at timestamptz,
    answered_at timestamptz, closed_at timestamptz, waiting_since timestamptz, waited_seconds bigint, public_step text,
    decision text, context jsonb"""
_FACT_NAMES = [fact.split()[0] for fact in _FACTS.split(",")]
_FILED = f"""id uuid, reference text, tracking_code text, key text, procedure text, definition_hash text, title text,
    origin text, channel text, language text, applicant_id uuid, applicant_name text, applicant_email text,
    applicant_phone text, applicant_digits text, filed_by uuid, filed_by_name text, filed_at timestamptz, place text,
    latitude float8, longitude float8, {_FACTS}"""
_FILED_NAMES = [column.split()[0] for column in _FILED.split(",")]

PARTS: dict[str, Part] = {
    "moved": _part(
        "id uuid, rev integer, state bytea, status text, ended_at timestamptz",
        """UPDATE engine_instance i SET rev = u.rev + 1, state = u.state, status = u.status, ended_at = u.ended_at
        FROM {rows} WHERE i.id = u.id AND i.rev = u.rev RETURNING 1""",
        guarded=True,
    ),
    "filed": _part(
        _FILED,
        f"""INSERT INTO engine_case ({", ".join(_FILED_NAMES)}, transfers, search_text)
        SELECT {", ".join(f"u.{name}" for name in _FILED_NAMES)}, 0,
            engine_case_words(u.applicant_name, u.applicant_email, u.reference, u.title) FROM {{rows}}
        ON CONFLICT (key) DO NOTHING RETURNING 1""",
        guarded=True,
    ),
    "submissions": _insert(
        "engine_submission", "id uuid, case_id uuid, form text, answers text, seal text, filed_at timestamptz"
    ),
    "cases": _part(
        f"id uuid, mark text, {_FACTS}",
        f"""UPDATE engine_case c SET {", ".join(f"{name} = u.{name}" for name in _FACT_NAMES if name != "context")},
            context = coalesce(u.context, c.context)
        FROM {{rows}} WHERE c.id = u.id AND c.xmin::text = u.mark RETURNING 1""",
        guarded=True,
    ),
    "begun": _insert(
        "engine_instance",
        """id uuid, case_id uuid, parent_id uuid, parent_token bigint, definition_hash text, process text, rev integer,
        state bytea, status text, started_at timestamptz, ended_at timestamptz""",
    ),
    "completed": _part(
        "id uuid, answers jsonb, ended_at timestamptz, ended_by uuid, ended_by_name text, anybodys boolean",
        """UPDATE engine_task t SET state = 'completed', answers = u.answers, draft = NULL, ended_at = u.ended_at,
        ended_by = u.ended_by, ended_by_name = u.ended_by_name FROM {rows}
        WHERE t.id = u.id AND t.state IN ('open', 'claimed')
            AND (u.anybodys OR t.assignee_id IS NULL OR t.assignee_id = u.ended_by) RETURNING 1""",
        guarded=True,
    ),
    "done": _part(
        "id uuid, attempt integer, state text, error text, retries integer, ended_at timestamptz",
        """UPDATE engine_job j SET state = u.state, error = u.error, ended_at = u.ended_at, retries = u.retries
        FROM {rows} WHERE j.id = u.id AND j.attempt = u.attempt AND j.state = 'leased' RETURNING 1""",
        guarded=True,
    ),
    "fired": _part("id bigint", "DELETE FROM engine_timer t USING {rows} WHERE t.id = u.id RETURNING 1", guarded=True),
    "withdrawn": _part(
        "instance_id uuid, token bigint, at timestamptz",
        """UPDATE engine_task t SET state = 'withdrawn', ended_at = u.at FROM {rows}
        WHERE t.instance_id = u.instance_id AND t.token = u.token AND t.state IN ('open', 'claimed')""",
    ),
    "cancelled": _part(
        "instance_id uuid, token bigint, at timestamptz",
        """UPDATE engine_job j SET state = 'cancelled', ended_at = u.at FROM {rows}
        WHERE j.instance_id = u.instance_id AND j.token = u.token AND j.state IN ('queued', 'leased', 'failed')""",
    ),
    "cleared": _part(
        "instance_id uuid, token bigint, index smallint",
        """DELETE FROM engine_timer t USING {rows}
        WHERE t.instance_id = u.instance_id AND t.token = u.token AND t.index = u.index""",
    ),
    "closed": _part(
        "instance_id uuid, token bigint, index smallint",
        """DELETE FROM engine_subscription s USING {rows}
        WHERE s.instance_id = u.instance_id AND s.token = u.token AND s.index = u.index""",
    ),
    "resolved": _part(
        "instance_id uuid, token bigint, at timestamptz, by text",
        """UPDATE engine_incident i SET resolved_at = u.at, resolved_by_name = u.by FROM {rows}
        WHERE i.instance_id = u.instance_id AND i.token = u.token AND i.resolved_at IS NULL""",
    ),
    "tasks": _insert(
        "engine_task",
        """id uuid, case_id uuid, instance_id uuid, token bigint, procedure text, definition_hash text, element text,
        name text, form text, department text, audience text, candidate_groups text[], candidate_users text[],
        assignee_id uuid, due_at timestamptz, follow_up_at timestamptz, priority smallint, input jsonb,
        opened_at timestamptz""",
        values={
            "state": "CASE WHEN u.assignee_id IS NULL THEN 'open' ELSE 'claimed' END",
            "claimed_at": "CASE WHEN u.assignee_id IS NULL THEN NULL ELSE u.opened_at END",
        },
    ),
    "jobs": _insert(
        "engine_job",
        """id uuid, case_id uuid, instance_id uuid, token bigint, procedure text, definition_hash text, element text,
        type text, retries integer, priority smallint, headers jsonb, input jsonb, context jsonb,
        queued_at timestamptz""",
        values={"state": "'queued'", "attempt": "0", "failures": "0", "due_at": "u.queued_at"},
    ),
    "timers": _insert(
        "engine_timer",
        "instance_id uuid, token bigint, index smallint, element text, due_at timestamptz",
        after="""ON CONFLICT (instance_id, token, index) WHERE instance_id IS NOT NULL
        DO UPDATE SET due_at = excluded.due_at, element = excluded.element""",
    ),
    "subscriptions": _insert(
        "engine_subscription",
        "instance_id uuid, token bigint, index smallint, element text, kind text, name text, key text",
        after="""ON CONFLICT (instance_id, token, index) WHERE instance_id IS NOT NULL
        DO UPDATE SET element = excluded.element, kind = excluded.kind, name = excluded.name, key = excluded.key""",
    ),
    "incidents": _insert(
        "engine_incident",
        """id uuid, case_id uuid, instance_id uuid, token bigint, procedure text, department text, element text,
        kind text, message text, variables text[], opened_at timestamptz, sentence jsonb""",
        after="""ON CONFLICT (instance_id, token) WHERE resolved_at IS NULL
        DO UPDATE SET kind = excluded.kind, message = excluded.message, variables = excluded.variables,
            sentence = excluded.sentence""",
    ),
    "history": _insert(
        "engine_history",
        """case_id uuid, instance_id uuid, token bigint, happened text, element text, name text, kind text,
        at timestamptz, actor_name text, details jsonb""",
    ),
    "journal": _insert(
        "engine_journal",
        """case_id uuid, at timestamptz, actor_kind text, actor_id uuid, actor_name text, fact text, parameters jsonb,
        public boolean""",
    ),
}
