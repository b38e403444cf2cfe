"""Variables: those of running and ended instances, read from their states. A variable gets its key when it is first
asked for (`api_variable_key`).

Without the key of an instance a search looks through instances in the order of their keys, at most 500 for one answer.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post, put
from litestar.params import Parameter

from api.errors import Conflict, InvalidArgument, NothingHere
from api.filters import Arguments, Field, conditions
from api.guards import actor_of, client_of, scoped
from api.house import now_of
from api.keys import key_of, read_key
from api.orchestration import lookups
from api.orchestration.elements import ELEMENTS
from api.orchestration.instances import INSTANCES
from api.searching import PageAsked, PageInfo, Query
from api.shapes import TENANT, Shape
from api.store import row, rows
from engine import operations, variables
from engine.errors import InstanceEnded, InstanceSuspended
from engine.variables import Variable

MOST_INSTANCES = 500
LONGEST_SHOWN = 8_191
"""Longer values are cut in searches, and say so; the variable itself is whole."""
ADD_KEYS = """INSERT INTO api_variable_key (instance_id, scope, name)
    SELECT $1, * FROM unnest($2::integer[], $3::text[]) ON CONFLICT DO NOTHING"""
KEYS = "SELECT key, scope, name FROM api_variable_key WHERE instance_id = $1"
TOKENS = """SELECT DISTINCT ON (token) token, id FROM engine_history WHERE instance_id = $1 AND happened = 'entered'
    AND token = ANY($2::bigint[]) ORDER BY token, id DESC"""
FIELDS = ("name", "value", "variableKey", "scopeKey", "processInstanceKey", "isTruncated", "tenantId")


class FoundVariable(Shape, frozen=True, kw_only=True):
    """A variable in a search. `value` is JSON text."""

    value: str
    is_truncated: bool
    name: str
    tenant_id: str = TENANT
    variable_key: str
    scope_key: str
    process_instance_key: str
    root_process_instance_key: str | None


class WholeVariable(Shape, frozen=True, kw_only=True):
    """One variable. `value` is JSON text."""

    value: str
    name: str
    tenant_id: str = TENANT
    variable_key: str
    scope_key: str
    process_instance_key: str
    root_process_instance_key: str | None


class FoundVariables(Shape, frozen=True, kw_only=True):
    """A page of variables."""

    items: list[FoundVariable]
    page: PageInfo


class VariableChange(Shape, frozen=True, kw_only=True):
    """Variables to write; `local`: into the element's own scope."""

    variables: dict[str, Any]
    local: bool = False
    operation_reference: int | None = None


@post("/v2/variables/search", guards=[scoped("read")], status_code=200, tags=["variables"])
async def search(
    request: Request[Any, Any, Any],
    data: Query | None = None,
    truncate: Annotated[bool, Parameter(query="truncateValues")] = True,
) -> FoundVariables:
    """Variables, of the instances the filter names, else of all, the first instances first."""
    asked = data or Query()
    _refuse_unknown(asked, FIELDS)
    filters = {name: asked.filter[name] for name in ("processInstanceKey",) if name in asked.filter}
    filters |= await _scope_filter(asked.filter.get("scopeKey"))
    filters |= await _key_filter(asked.filter.get("variableKey"))
    query = Query(filter=filters, page=PageAsked(limit=MOST_INSTANCES))
    instances = await lookups.search(INSTANCES, query, client_of(request))
    states = await variables.states_of([record["id"] for record in instances.found])
    found: list[FoundVariable] = []
    for record in instances.found:
        wanted = variables.every(states[record["id"]])
        found += await shown(record["id"], record["root_id"], wanted, truncate=truncate)
    return await page_of(found, asked, has_more=len(instances.found) == MOST_INSTANCES)


@get("/v2/variables/{variable_key:str}", guards=[scoped("read")], tags=["variables"])
async def get_one(request: Request[Any, Any, Any], variable_key: str) -> WholeVariable:
    """One variable, whole."""
    key = read_key(variable_key)
    if key is None:
        raise InvalidArgument("Expected the key of a variable: a whole number.")
    named = await row("SELECT instance_id, scope, name FROM api_variable_key WHERE key = $1", key)
    if named is None:
        raise NothingHere
    record = await lookups.get(INSTANCES, key_of(named["instance_id"]), client_of(request))
    state = await variables.state_of(named["instance_id"])
    wanted = [each for each in variables.every(state) if (each.scope, each.name) == (named["scope"], named["name"])]
    if not wanted:
        raise NothingHere("The variable is no more.")
    [found] = await shown(named["instance_id"], record["root_id"], wanted)
    return WholeVariable(
        value=json_of(wanted[0].value),
        name=found.name,
        variable_key=found.variable_key,
        scope_key=found.scope_key,
        process_instance_key=found.process_instance_key,
        root_process_instance_key=found.root_process_instance_key,
    )


@put(
    "/v2/element-instances/{element_instance_key:str}/variables",
    guards=[scoped("operate")],
    status_code=204,
    tags=["variables"],
)
async def change(request: Request[Any, Any, Any], element_instance_key: str, data: VariableChange) -> None:
    """Write variables of an instance (its key), or of the scope an element instance is in."""
    client, reason = client_of(request), "Variables écrites par l'API."
    number = read_key(element_instance_key)
    if number is None:
        raise InvalidArgument("Expected the key of a process instance or of an element instance.")
    is_instance = number >= 1 << 50
    record = await lookups.get(INSTANCES if is_instance else ELEMENTS, element_instance_key, client)
    if record["state"] != "ACTIVE":
        raise NothingHere("The element instance has ended.")
    instance_id = record["id"] if is_instance else record["instance_id"]
    token = record["token"] if not is_instance and data.local else None
    try:
        await operations.set_variables(instance_id, data.variables, reason, actor_of(request), now_of(request), token)
    except (InstanceEnded, InstanceSuspended) as refused:
        raise Conflict(str(refused)) from refused


async def shown(
    instance_id: UUID, root_id: UUID, wanted: Iterable[Variable], *, truncate: bool = True
) -> list[FoundVariable]:
    """These variables of an instance, with their keys."""
    chosen = list(wanted)
    if not chosen:
        return []
    keys = await _keys(instance_id, chosen)
    tokens = [each.token for each in chosen if each.token is not None]
    entered = {each["token"]: each["id"] for each in await rows(TOKENS, instance_id, tokens)} if tokens else {}
    longest = LONGEST_SHOWN if truncate else None
    return [
        FoundVariable(
            value=(text := json_of(each.value))[:longest],
            is_truncated=longest is not None and len(text) > longest,
            name=each.name,
            variable_key=str(keys[each.scope, each.name]),
            scope_key=str(entered.get(each.token) or key_of(instance_id)),
            process_instance_key=key_of(instance_id),
            root_process_instance_key=key_of(root_id),
        )
        for each in chosen
    ]


async def page_of(found: list[FoundVariable], query: Query, *, has_more: bool = False) -> FoundVariables:
    """Those of the filter, sorted, a page of them. Cursors of variables are places in this order."""
    _refuse_unknown(query, FIELDS)
    kept = [each for each in found if await _fits(each, query)]
    for sort in reversed(query.sort):
        if sort.field not in ("name", "value", "variableKey", "scopeKey", "processInstanceKey", "tenantId"):
            raise InvalidArgument(f"“{sort.field[:80]}” cannot be sorted by.")
        kept.sort(key=lambda each: _plain(each)[sort.field], reverse=sort.order.upper() == "DESC")
    begin, until = _span(query.page, len(kept))
    items = kept[begin:until]
    return FoundVariables(
        items=items,
        page=PageInfo(
            total_items=len(kept),
            has_more_total_items=has_more,
            start_cursor=_cursor(begin) if items else None,
            end_cursor=_cursor(begin + len(items)) if items else None,
        ),
    )


def _refuse_unknown(query: Query, fields: Sequence[str]) -> None:
    unknown = set(query.filter) - set(fields)
    if unknown:
        raise InvalidArgument(f"“{min(unknown)[:80]}” cannot be filtered by. Expected one of: {', '.join(fields)}.")


def json_of(value: Any) -> str:
    """A value as JSON text."""
    return msgspec.json.encode(value).decode()


def _cursor(place: int) -> str:
    return base64.b64encode(str(place).encode()).decode()


def _place(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, ValueError) as broken:
        raise InvalidArgument("This is not a cursor of ours.") from broken
    if not text.isdecimal() or len(text) > 9:
        raise InvalidArgument("This is not a cursor of ours.")
    return int(text)


def _span(page: PageAsked, count: int) -> tuple[int, int]:
    if page.after:
        return _place(page.after), _place(page.after) + page.limit
    if page.before:
        return max(_place(page.before) - page.limit, 0), _place(page.before)
    return page.begin, min(page.begin + page.limit, count)


def _plain(found: FoundVariable) -> dict[str, Any]:
    return msgspec.to_builtins(found)


async def _fits(found: FoundVariable, query: Query) -> bool:
    """Whether a variable answers to the filter: the same conditions as everywhere, asked of PostgreSQL only when they
    are more than equality.
    """
    said = _plain(found)
    for name in FIELDS:
        asked = query.filter.get(name)
        if asked is None:
            continue
        if isinstance(asked, dict) and name != "isTruncated":
            if not await _answers(said[name], name, asked):
                return False
        elif not isinstance(asked, type(said[name])):
            raise InvalidArgument(f"Expected “{name}” to be {'true or false' if name == 'isTruncated' else 'a text'}.")
        elif asked != said[name]:
            return False
    return True


async def _answers(value: Any, name: str, asked: dict[str, Any]) -> bool:
    arguments = Arguments(value)
    where = conditions({name: asked}, {name: Field("$1::text")}, arguments)
    found = await row(f"SELECT {' AND '.join(where) or 'TRUE'} AS fits", *arguments.values)
    return bool(found and found["fits"])


async def _keys(instance_id: UUID, wanted: list[Variable]) -> dict[tuple[int, str], int]:
    known = {(each["scope"], each["name"]): each["key"] for each in await rows(KEYS, instance_id)}
    missing = [each for each in wanted if (each.scope, each.name) not in known]
    if missing:
        await rows(ADD_KEYS, instance_id, [each.scope for each in missing], [each.name for each in missing])
        known = {(each["scope"], each["name"]): each["key"] for each in await rows(KEYS, instance_id)}
    return known


async def _scope_filter(asked: Any) -> dict[str, Any]:
    """A scope's instance: the key of a process instance is that of its root scope; else it is an element's."""
    key = read_key(asked) if isinstance(asked, str) else None
    if key is None:
        return {}
    if key >= 1 << 50:
        return {"processInstanceKey": asked}
    found = await row("SELECT instance_id FROM engine_history WHERE id = $1", key)
    return {"processInstanceKey": key_of(found["instance_id"]) if found else "0"}


async def _key_filter(asked: Any) -> dict[str, Any]:
    key = read_key(asked) if isinstance(asked, str) else None
    if key is None:
        return {}
    found = await row("SELECT instance_id FROM api_variable_key WHERE key = $1", key)
    return {"processInstanceKey": key_of(found["instance_id"]) if found else "0"}


__all__ = ["HANDLERS", "FoundVariables", "page_of", "shown"]
HANDLERS = [search, get_one, change]
