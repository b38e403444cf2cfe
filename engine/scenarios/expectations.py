"""Expectations: what a scenario's `expect` looks at, one function a key. Each returns what it saw instead, or None
when it holds.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

from engine.deadlines import PARIS
from engine.effects import TaskOpened
from engine.encoding import json_text, parse_json
from engine.scenarios.world import StepFailed, World

Check = Callable[[World, Any, Mapping[str, Any]], str | None]

_ABSENT = object()
# Keys that belong to another one, and are looked at with it.
COMPANIONS = frozenset({"department", "audience", "form", "priority", "due", "input", "key"})


def check(world: World, expected: Mapping[str, Any]) -> None:
    """Every key of one `expect`. Raises `StepFailed` at the first that does not hold."""
    for key, wanted in expected.items():
        checker = CHECKS.get(key)
        if checker is None and key not in COMPANIONS:
            raise StepFailed("a key that scenarios know", f"“{key}” is none")
        seen = checker(world, wanted, expected) if checker else None
        if seen is not None:
            raise StepFailed(f"{key} = {_shown(wanted)}", seen)


def _task(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    open_here = [task for task in world.tasks.values() if task.element == wanted]
    if not open_here:
        return f"the open tasks are: {_listed(task.element for task in world.tasks.values())}"
    details = [name for name in ("department", "audience", "form", "priority", "due") if name in expected]
    if any(all(_task_detail(task, name, expected[name]) for name in details) for task in open_here):
        return None
    return "; ".join(
        f"the task is {', '.join(f'{name} {_shown(getattr(task, name))}' for name in details)}" for task in open_here
    )


def _task_detail(task: TaskOpened, name: str, wanted: Any) -> bool:
    return _is_moment(task.due, wanted) if name == "due" else getattr(task, name) == wanted


def _no_task(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    still = [task.element for task in world.tasks.values() if wanted is True or task.element == wanted]
    return f"open: {_listed(still)}" if still else None


def _tasks(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    seen = sorted(task.element for task in world.tasks.values())
    return None if seen == sorted(wanted) else f"the open tasks are: {_listed(seen)}"


def _job(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    waiting = [job for job in world.jobs.values() if wanted in (job.element, job.type)]
    if not waiting:
        return f"the waiting jobs are: {_listed(f'{job.element} ({job.type})' for job in world.jobs.values())}"
    values: Mapping[str, Any] = expected.get("input", {})
    seen = [_differences(job.input, values) for job in waiting]
    return None if None in seen else str(seen[0])


def _no_job(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    still = [job.element for job in world.jobs.values() if wanted is True or wanted in (job.element, job.type)]
    return f"waiting: {_listed(still)}" if still else None


def _sent(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    described = cast("dict[str, Any]", wanted) if isinstance(wanted, dict) else {"job": wanted}
    calls = [job for job in world.sent if described.get("job") in (job.element, job.type)]
    if not calls:
        return f"the calls were: {_listed(f'{job.element} ({job.type})' for job in world.sent)}"
    seen = [_differences(job.input, described.get("input", {})) for job in calls]
    return None if None in seen else str(seen[-1])


def _timer(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    here = [timer for timer in world.timers.values() if timer.element == wanted]
    if not here:
        return f"the timers are on: {_listed(timer.element for timer in world.timers.values())}"
    if "due" not in expected or any(_is_moment(timer.due, expected["due"]) for timer in here):
        return None
    return f"it is due {_listed(timer.due.astimezone(PARIS).isoformat() for timer in here)}"


def _message(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    here = [opened for opened in world.subscriptions.values() if opened.name == wanted]
    if not here:
        return f"awaited: {_listed(opened.name for opened in world.subscriptions.values())}"
    if "key" not in expected or any(opened.key == expected["key"] for opened in here):
        return None
    return f"the key is {_listed(str(opened.key) for opened in here)}"


def _incident(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    tokens = [token for token, raised in world.incidents.items() if raised.element == wanted]
    world.foreseen.update(tokens)
    return (
        None if tokens else f"the open incidents are on: {_listed(each.element for each in world.incidents.values())}"
    )


def _no_incident(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    raised = [f"{each.element} ({each.message})" for each in world.incidents.values()]
    return f"open: {_listed(raised)}" if wanted and raised else None


def _reached(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    missing = [element for element in _as_list(wanted) if element not in world.reached]
    return f"never entered: {_listed(missing)}" if missing else None


def _not_reached(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    entered = [element for element in _as_list(wanted) if element in world.reached]
    return f"entered: {_listed(entered)}" if entered else None


def _step(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    return None if world.public_step == wanted else f"it is {_shown(world.public_step)}"


def _decision(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    return None if world.decision == wanted else f"it is {_shown(world.decision)}"


def _ended(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    if (world.ended is not None) == wanted:
        return None
    waits = [each.element for group in (world.tasks, world.jobs, world.timers) for each in group.values()]
    waits += [opened.element for opened in world.subscriptions.values()]
    return f"what waits is: {_listed(waits)}" if wanted else "it has ended"


def _department(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    if "task" in expected:
        return None
    return _case(world, {"department": wanted}, expected)


def _case(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    return _differences(world.variables.get("case", {}), wanted)


def _variables(world: World, wanted: Any, expected: Mapping[str, Any]) -> str | None:
    return _differences(world.variables, wanted)


CHECKS: dict[str, Check] = {
    "task": _task,
    "no_task": _no_task,
    "tasks": _tasks,
    "job": _job,
    "no_job": _no_job,
    "sent": _sent,
    "timer": _timer,
    "message": _message,
    "incident": _incident,
    "no_incident": _no_incident,
    "reached": _reached,
    "not_reached": _not_reached,
    "step": _step,
    "decision": _decision,
    "ended": _ended,
    "department": _department,
    "case": _case,
    "variables": _variables,
}


def _differences(values: Any, wanted: Mapping[str, Any]) -> str | None:
    found = {path: _at(values, path) for path in wanted}
    wrong = [
        f"{path} is {'absent' if seen is _ABSENT else _shown(seen)}"
        for path, seen in found.items()
        if not _is_same(seen, wanted[path])
    ]
    return "; ".join(wrong) or None


def _at(values: Any, path: str) -> Any:
    for name in path.split("."):
        if isinstance(values, Mapping) and name in values:
            values = cast("Mapping[str, Any]", values)[name]
        elif isinstance(values, list) and name.isdigit() and int(name) < len(cast("list[Any]", values)):
            values = cast("list[Any]", values)[int(name)]
        else:
            return _ABSENT
    return values


def _is_same(seen: Any, wanted: Any) -> bool:
    if seen is _ABSENT:
        return wanted is None
    plain = parse_json(json_text(seen))
    return bool(plain == wanted or (isinstance(seen, date) and _is_moment(seen, wanted)))


def _is_moment(seen: date | None, wanted: Any) -> bool:
    """A day alone is that day in the town; with a time, that instant."""
    if seen is None or wanted is None:
        return seen is wanted
    text = str(wanted)
    if len(text) == 10:
        day = seen.astimezone(PARIS).date() if isinstance(seen, datetime) else seen
        return day.isoformat() == text
    return isinstance(seen, datetime) and seen == datetime.fromisoformat(text)


def _as_list(wanted: Any) -> list[str]:
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names)) or "none"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(PARIS).isoformat()
    return json_text(value)
