"""Far and fine temporal values: years before 1 and after 9999, and nanoseconds, which Python's own classes cannot hold.

The calendar repeats every 400 years (an era: 146,097 days, a whole number of weeks). A far value is a near one, of the
years 2000 to 2399, and the number of eras it is away. Whatever Python's classes can hold is given back as theirs.
"""

import calendar
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

_ERA_YEARS = 400
_ERA = timedelta(days=146_097)
_FIRST = 2000
_LAST_YEAR = 999_999_999


class FarDate(msgspec.Struct, frozen=True):
    """A date outside the years 1 to 9999."""

    eras: int
    near: date

    @property
    def year(self) -> int:
        """The year, negative before our era."""
        return self.near.year + self.eras * _ERA_YEARS

    @property
    def month(self) -> int:
        """The month."""
        return self.near.month

    @property
    def day(self) -> int:
        """The day of the month."""
        return self.near.day


class FarDateTime(msgspec.Struct, frozen=True):
    """A date and time outside the years 1 to 9999, or with nanoseconds."""

    eras: int
    near: datetime
    nanos: int = 0

    @property
    def year(self) -> int:
        """The year, negative before our era."""
        return self.near.year + self.eras * _ERA_YEARS

    @property
    def month(self) -> int:
        """The month."""
        return self.near.month

    @property
    def day(self) -> int:
        """The day of the month."""
        return self.near.day

    @property
    def hour(self) -> int:
        """The hour."""
        return self.near.hour

    @property
    def minute(self) -> int:
        """The minute."""
        return self.near.minute

    @property
    def second(self) -> int:
        """The whole seconds."""
        return self.near.second

    @property
    def microsecond(self) -> int:
        """The whole microseconds of the second."""
        return self.near.microsecond

    @property
    def tzinfo(self) -> tzinfo | None:
        """The zone."""
        return self.near.tzinfo


class FineTime(msgspec.Struct, frozen=True):
    """A time of day with nanoseconds."""

    near: time
    nanos: int

    @property
    def hour(self) -> int:
        """The hour."""
        return self.near.hour

    @property
    def minute(self) -> int:
        """The minute."""
        return self.near.minute

    @property
    def second(self) -> int:
        """The whole seconds."""
        return self.near.second

    @property
    def microsecond(self) -> int:
        """The whole microseconds of the second."""
        return self.near.microsecond

    @property
    def tzinfo(self) -> tzinfo | None:
        """The zone."""
        return self.near.tzinfo


AnyDate = date | FarDate
AnyTime = time | FineTime
AnyDateTime = datetime | FarDateTime
FAR = (FarDate, FarDateTime, FineTime)


def make_date(year: int, month: int, day: int) -> AnyDate:
    """The date of any year up to 999,999,999 either way. Raises ValueError."""
    if 1 <= year <= 9999:
        return date(year, month, day)
    if abs(year) > _LAST_YEAR:
        raise ValueError(year)
    eras, rest = divmod(year - _FIRST, _ERA_YEARS)
    return FarDate(eras, date(_FIRST + rest, month, day))


def make_time(near: time, nanos: int) -> AnyTime:
    """A time of day with so many nanoseconds beyond its microseconds."""
    return FineTime(near, nanos) if nanos else near


def combined(day: AnyDate | AnyDateTime, moment: AnyTime) -> AnyDateTime:
    """A date, or that of a date and time, at a time of day."""
    nanos = moment.nanos if isinstance(moment, FineTime) else 0
    clock = moment.near if isinstance(moment, FineTime) else moment
    eras, near = _eras_of(day_of(day))
    return _settled(eras, datetime.combine(near, clock), nanos)


def day_of(moment: AnyDate | AnyDateTime) -> AnyDate:
    """The date of a date and time, or a date as it is."""
    match moment:
        case FarDateTime():
            return make_date(moment.year, moment.month, moment.day)
        case datetime():
            return moment.date()
        case _:
            return moment


def time_of(moment: AnyDateTime) -> AnyTime:
    """The time of day, with its zone."""
    return make_time(moment.near.timetz(), moment.nanos) if isinstance(moment, FarDateTime) else moment.timetz()


def near_of(day: AnyDate | AnyDateTime) -> date:
    """A value of the same day of the week, week of the year and place in the year, that Python's own classes hold."""
    return day.near if isinstance(day, FarDate | FarDateTime) else day


def _eras_of(day: AnyDate) -> tuple[int, date]:
    return (day.eras, day.near) if isinstance(day, FarDate) else (0, day)


def _settled(eras: int, near: datetime, nanos: int) -> AnyDateTime:
    """The one value for this many eras away from `near`."""
    if not eras and not nanos:
        return near
    year = near.year + eras * _ERA_YEARS
    if 1 <= year <= 9999:
        near = near.replace(year=year)
        return FarDateTime(0, near, nanos) if nanos else near
    if abs(year) > _LAST_YEAR:
        raise OverflowError(year)
    more, rest = divmod(near.year - _FIRST, _ERA_YEARS)
    return FarDateTime(eras + more, near.replace(year=_FIRST + rest), nanos)


def plus_days(left: AnyDate | AnyDateTime, span: timedelta) -> AnyDate | AnyDateTime:
    """A date or a date and time, moved. Raises OverflowError."""
    if not isinstance(left, datetime | FarDateTime):
        return day_of(_moved(combined(left, time(0)), span))
    return _moved(left, span)


def _moved(left: AnyDateTime, span: timedelta) -> AnyDateTime:
    eras, near, nanos = (left.eras, left.near, left.nanos) if isinstance(left, FarDateTime) else (0, left, 0)
    if not eras:
        try:
            return _settled(0, _shifted(near, span), nanos)
        except OverflowError:
            # The zone's rules are then those of the near year: nobody knows those of a far one.
            eras, near = _near_years(near)
    return _settled(eras + span // _ERA, _shifted(near, span % _ERA), nanos)


def _shifted(near: datetime, span: timedelta) -> datetime:
    zone = near.tzinfo
    if zone is UTC:
        return near + span
    return (near.astimezone(UTC) + span).astimezone(zone) if zone else near + span


def _near_years(moment: datetime) -> tuple[int, datetime]:
    eras, rest = divmod(moment.year - _FIRST, _ERA_YEARS)
    return eras, moment.replace(year=_FIRST + rest)


def plus_months(left: AnyDate | AnyDateTime, months: int) -> AnyDate | AnyDateTime:
    """A date or a date and time, so many months later, on the last day of the month if it has no such day."""
    year, month = divmod(left.year * 12 + left.month - 1 + months, 12)
    last = calendar.monthrange(_FIRST + year % _ERA_YEARS, month + 1)[1]
    day = make_date(year, month + 1, min(left.day, last))
    return combined(day, time_of(left)) if isinstance(left, datetime | FarDateTime) else day


def instant(moment: AnyDate | AnyDateTime) -> tuple[int, int, int]:
    """What orders dates, and dates and times: days, microseconds of the day, nanoseconds; in UTC if there is a zone."""
    match moment:
        case FarDate():
            return moment.eras * _ERA.days + moment.near.toordinal(), 0, 0
        case FarDateTime():
            eras, near, nanos = moment.eras, moment.near, moment.nanos
        case datetime():
            eras, near, nanos = 0, moment, 0
        case _:
            return moment.toordinal(), 0, 0
    if near.tzinfo:
        more, near = _near_years(near) if near.year in (1, 9999) else (0, near)
        eras, near = eras + more, near.astimezone(UTC)
    clock = ((near.hour * 60 + near.minute) * 60 + near.second) * 1_000_000 + near.microsecond
    return eras * _ERA.days + near.toordinal(), clock, nanos


def difference(left: AnyDate | AnyDateTime, right: AnyDate | AnyDateTime) -> timedelta:
    """The time between two dates or dates and times, to the microsecond. Raises OverflowError."""
    (days, clock, _), (other_days, other_clock, _) = instant(left), instant(right)
    return timedelta(days=days - other_days, microseconds=clock - other_clock)
