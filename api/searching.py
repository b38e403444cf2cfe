"""Searching: one page of a resource's rows, filtered, sorted, by cursor or by offset, and how many there are.

A cursor holds the sort values of the row it stands at, never an offset: pages stay right while rows come and go.
Counting stops at 10,000, and says so (`hasMoreTotalItems`).
"""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from accounts.clients import Client
from api.errors import InvalidArgument
from api.filters import Arguments, Field, conditions
from api.shapes import Shape
from api.store import rows, value

MOST_COUNTED = 10_000
MOST_ROWS = 10_000
USUAL_ROWS = 100
SQL_TYPES = {"id": "uuid", "key": "bigint", "number": "bigint", "moment": "timestamptz", "flag": "boolean"}


class Sort(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One sort key. `field` is one of the resource's; `order` ASC or DESC."""

    field: str
    order: Literal["ASC", "DESC", "asc", "desc"] = "ASC"


class PageAsked(msgspec.Struct, frozen=True, kw_only=True, rename={"begin": "from"}, forbid_unknown_fields=True):
    """Which page: the rows after or before a cursor, or from an offset; at most `limit`."""

    begin: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_ROWS)] = USUAL_ROWS
    after: Annotated[str, msgspec.Meta(max_length=4000)] | None = None
    before: Annotated[str, msgspec.Meta(max_length=4000)] | None = None


class Query(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A search: filters by field (a value, or operators `$eq $neq $exists $in $notIn $like $gt $gte $lt $lte`)."""

    filter: dict[str, Any] = {}
    sort: Annotated[list[Sort], msgspec.Meta(max_length=10)] = []
    page: PageAsked = PageAsked()


class PageInfo(Shape, frozen=True, kw_only=True):
    """Where a page lies. The total is exact up to 10,000."""

    total_items: int
    has_more_total_items: bool
    start_cursor: str | None
    end_cursor: str | None


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What can be searched: its rows and their fields. `key` names the field that identifies and that rows are
    sorted by at last, `then` the SQL of a number that tells rows of one key apart. `procedure` is the SQL of the slug
    that a client may be kept to; `seen` says it of rows that hold several: the procedures the client may see are `$1`.
    """

    columns: str
    source: str
    fields: dict[str, Field]
    key: str
    procedure: str = ""
    always: str = "TRUE"
    then: str = ""
    seen: str = ""

    @property
    def permitted(self) -> str:
        """The condition of rows that a client may see; `$1` are the procedures it is kept to, null for all."""
        return f"($1::text[] IS NULL OR {self.seen or f'{self.procedure} = ANY($1::text[])'})"


class Rows(msgspec.Struct, frozen=True):
    """A page of rows."""

    found: list[Any]
    page: PageInfo


async def search(resource: Resource, query: Query, client: Client, *also: str) -> Rows:
    """The page that is asked for, of what the client may see. `also`: more conditions, without parameters.

    Raises `InvalidArgument`.
    """
    arguments = Arguments(list(client.procedures) or None)
    where = [resource.always, resource.permitted, *also]
    where += conditions(query.filter, resource.fields, arguments)
    total = await _count(resource, where, arguments)
    order = _order(resource, query.sort)
    backwards = query.page.before is not None and query.page.after is None
    cursor = query.page.after or query.page.before
    if cursor is not None:
        marks = _marks(cursor, order)
        where.append(_beyond([(sql, kind, up != backwards) for sql, kind, up in order], marks, arguments))
    marked = ", ".join(f"({sql})::text AS mark_{number}" for number, (sql, _, _) in enumerate(order))
    directed = ", ".join(f"{sql} {'ASC' if up != backwards else 'DESC'}" for sql, _, up in order)
    found = await rows(
        f"SELECT {resource.columns}, {marked} FROM {resource.source} WHERE {' AND '.join(where)} ORDER BY {directed}"
        f" LIMIT {query.page.limit} OFFSET {0 if cursor is not None else query.page.begin}",
        *arguments.values,
    )
    found = found[::-1] if backwards else found
    first, last = (_cursor(found[0], len(order)), _cursor(found[-1], len(order))) if found else (None, None)
    counted = PageInfo(
        total_items=min(total, MOST_COUNTED),
        has_more_total_items=total > MOST_COUNTED,
        start_cursor=first,
        end_cursor=last,
    )
    return Rows(found, counted)


async def one(resource: Resource, key: str, client: Client) -> Any | None:
    """The row of this key; None when there is none that the client may see. Raises `InvalidArgument` for no key."""
    query = Query(filter={resource.key: key}, page=PageAsked(limit=2))
    arguments = Arguments(list(client.procedures) or None)
    where = [resource.always, resource.permitted]
    where += conditions(query.filter, resource.fields, arguments)
    found = await rows(
        f"SELECT {resource.columns} FROM {resource.source} WHERE {' AND '.join(where)} LIMIT 2", *arguments.values
    )
    if len(found) > 1:
        raise InvalidArgument("This key stands for two: search, and name the one you mean in another way.")
    return found[0] if found else None


async def _count(resource: Resource, where: list[str], arguments: Arguments) -> int:
    return await value(
        f"SELECT count(*) FROM (SELECT 1 FROM {resource.source} WHERE {' AND '.join(where)}"
        f" LIMIT {MOST_COUNTED + 1}) AS counted",
        *arguments.values,
    )


Ordering = tuple[str, str, bool]
"""What is sorted by: its SQL, its kind, and whether upwards."""


def _order(resource: Resource, asked: list[Sort]) -> list[Ordering]:
    order: list[Ordering] = []
    for each in asked:
        field = resource.fields.get(each.field)
        if field is None or not field.is_sorted:
            known = ", ".join(sorted(name for name, known in resource.fields.items() if known.is_sorted))
            raise InvalidArgument(f"“{each.field[:80]}” cannot be sorted by. Expected one of: {known}.")
        kind = "id" if field.sort is not None else field.kind
        order.append((field.sort or field.sql, kind, each.order.upper() == "ASC"))
    key = resource.fields[resource.key]
    if not any(sql == key.sql for sql, _, _ in order):
        order.append((key.sql, key.kind, order[-1][2] if order else True))
    if resource.then:
        order.append((resource.then, "number", order[-1][2]))
    return order


def _beyond(order: list[Ordering], marks: list[str | None], arguments: Arguments) -> str:
    """The rows after the marked one: the first sort value beyond its, or the same and the next beyond, and so on."""
    said: list[str] = []
    same: list[str] = []
    for (sql, kind, up), mark in zip(order, marks, strict=True):
        cast = SQL_TYPES.get(kind, "text")
        if mark is None:
            beyond, equal = ("FALSE" if up else f"{sql} IS NOT NULL"), f"{sql} IS NULL"
        else:
            place = arguments.add(_read_mark(mark, kind), cast)
            never_null = kind == "id" and (sql, kind, up) == order[-1]
            after = f"{sql} > {place}" if never_null else f"({sql} > {place} OR {sql} IS NULL)"
            beyond, equal = (after if up else f"{sql} < {place}"), f"{sql} = {place}"
        said.append(" AND ".join([*same, beyond]))
        same.append(equal)
    return "(" + " OR ".join(f"({each})" for each in said) + ")"


def _read_mark(mark: str, kind: str) -> Any:
    try:
        match kind:
            case "id":
                return UUID(mark)
            case "key" | "number":
                number = int(mark)
                return number if abs(number) < 1 << 63 else 0
            case "moment":
                return _moment(mark)
            case "flag":
                return mark == "true"
            case _:
                return mark
    except ValueError as broken:
        raise InvalidArgument("This is not a cursor of ours.") from broken


def _moment(mark: str) -> datetime:
    """A time as PostgreSQL writes it."""
    moment = datetime.fromisoformat(mark)
    if not 1 < moment.year < 9999:
        raise ValueError(mark)
    return moment


def _cursor(record: Any, count: int) -> str:
    marks = [record[f"mark_{number}"] for number in range(count)]
    return base64.b64encode(msgspec.msgpack.encode(marks)).decode()


def _marks(cursor: str, order: list[Ordering]) -> list[str | None]:
    try:
        marks = msgspec.msgpack.decode(base64.b64decode(cursor, validate=True), type=list[str | None])
    except (msgspec.DecodeError, binascii.Error, ValueError) as broken:
        raise InvalidArgument("This is not a cursor of ours.") from broken
    if len(marks) != len(order) or any(mark is not None and "\0" in mark for mark in marks):
        raise InvalidArgument("This cursor is of another search.")
    return marks
