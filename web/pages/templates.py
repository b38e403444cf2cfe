"""Templates: the Jinja environment of all pages, with translations, dates as people say them and asset addresses."""

import hashlib
import re
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from web.pages import language

WEB = Path(__file__).parents[1]
FOLDERS = [WEB / "templates", WEB.parent / "admin" / "templates"]
STATIC = WEB / "static"


@cache
def environment() -> Environment:
    """The environment: autoescaping always, an unknown name is an error, translations follow the request's language.

    One for the process: a template is compiled when it is first drawn, in 50 ms, and then kept.
    """
    made = Environment(
        loader=FileSystemLoader([folder for folder in FOLDERS if folder.is_dir()]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(language.translate, language.translate_plural, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        day=_day,
        short_day=_short_day,
        hour=_hour,
        moment=_moment,
        money=language.say_money,
        number=language.say_number,
        size=language.say_size,
        phone=language.say_phone,
        pick=language.pick,
        iso=_iso,
        say=_say,
        told=_told,
    )
    made.globals.update(asset=asset, spoken=language.spoken)
    return made


def _told(incident: Any) -> str:
    """What blocks a case, in the reader's language."""
    return incident.says(language.translate)


def template_config() -> TemplateConfig[JinjaTemplateEngine]:
    """What `server.app` gives to Litestar."""
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment()))


@cache
def asset(path: str) -> str:
    """The address of a static file, with its fingerprint so that browsers may keep it for ever."""
    file = STATIC / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
    return f"/static/{path}?v={mark}"


@pass_context
def _day(context: Context, moment: Any) -> str:
    return "" if moment is None else language.say_day(moment, context["house"].timezone, _today(context))


@pass_context
def _short_day(context: Context, moment: Any) -> str:
    return "" if moment is None else language.say_short_day(moment, context["house"].timezone, _today(context))


@pass_context
def _hour(context: Context, moment: datetime | None) -> str:
    return "" if moment is None else language.say_hour(moment, context["house"].timezone)


@pass_context
def _moment(context: Context, moment: datetime | None) -> str:
    """“mardi 1er décembre à 14 h 02”."""
    if moment is None:
        return ""
    joint = " at " if language.spoken() == "en" else " à "
    return _day(context, moment) + joint + _hour(context, moment)


@pass_context
def _say(context: Context, told: Any) -> str:
    """A `Phrase` of the desk or a `Fact` of the journal in words; dates as people say them, departments by their
    name."""
    message: str = getattr(told, "id", "") if isinstance(getattr(told, "id", None), str) else told.fact
    names = context.get("department_names", {})

    def words(match: re.Match[str]) -> str:
        value = told.parameters.get(match[1], "")
        if isinstance(value, str) and (parsed := _as_moment(value)) is not None:
            value = parsed
        if isinstance(value, datetime | date):
            return _day(context, value)
        return str(names.get(value, value)) if "department" in match[1] else str(value)

    # Not str.format: a parameter is only ever put in, never looked into.
    return re.sub(r"\{(\w+)\}", words, language.translate(message))


def _as_moment(text: str) -> datetime | None:
    """A moment that went through the journal's JSON."""
    if not re.match(r"\d{4}-\d\d-\d\dT", text):
        return None
    try:
        return datetime.fromisoformat(text.partition("[")[0].partition("@")[0])
    except ValueError:
        return None


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")


def _today(context: Context) -> Any:
    return context["now"].astimezone(context["house"].timezone).date()
