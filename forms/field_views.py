"""Field views: one field and its answer → what its template draws. Called by `rendering` only."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from forms.days import typed_moment, typed_time
from forms.elements import Answers, Choice, Field, Form, Language, Path
from forms.formatting import written_answer
from forms.inputs import attachment_id, attachment_name, token_of
from forms.kinds import MOST_RADIOS
from forms.messages import Message
from forms.names import field_id, input_name, pointer
from forms.phones import written_phone
from forms.places import MISSING, look_up
from forms.quantities import typed_money, typed_number
from forms.validation import Sources
from forms.views import ChoiceView, FieldView, FileView, PartView

INPUT_MODES = {"number": "decimal", "money": "decimal", "phone": "tel", "email": "email", "date": "numeric"}
INPUT_TYPES = {"phone": "tel", "email": "email"}
AUTOCOMPLETE = {"email": "email", "phone": "tel", "signature": "name"}
BIRTHDAY_PARTS = {"day": "bday-day", "month": "bday-month", "year": "bday-year"}


class FieldPainter:
    """Paints fields. `has_files`, `has_search` and `has_place` tell afterwards whether one of them takes files, is
    searched, or is a place."""

    def __init__(
        self,
        form: Form,
        answers: Answers,
        language: Language,
        typed: Mapping[str, Sequence[str]],
        errors: Mapping[str, tuple[Message, ...]],
        sources: Sources,
        now: datetime,
    ) -> None:
        self.form, self.answers = form, answers
        self.language: Language = language
        self.typed, self.errors, self.sources, self.now = typed, errors, sources, now
        self.has_files = self.has_search = self.has_place = False

    def field(self, field: Field, container: Path, prefix: str, enabled: bool) -> FieldView:
        """The view of one field in the container at that path."""
        path = (*container, *field.path)
        identifier, name, options = field_id(path), input_name(path), field.options
        value = look_up(self.answers, path)
        errors = self.errors.get(pointer(path), ())
        hint = self.form.words(field.hint, self.language)
        hint_id, error_id = f"{identifier}-hint" if hint else "", f"{identifier}-error" if errors else ""
        label = self.form.words(field.label, self.language) if field.path else prefix.removesuffix(" – ")
        offered = self._offered(field, value)
        self.has_files = self.has_files or field.kind == "attachments"
        self.has_search = self.has_search or options.widget == "search"
        return FieldView(
            id=identifier,
            name=name,
            kind=field.kind,
            label=label,
            hint=hint,
            hint_id=hint_id,
            errors=errors,
            error_id=error_id,
            described_by=" ".join(filter(None, (hint_id, error_id))),
            optional=field.requirement == "never" and field.kind not in {"read_only", "consent"},
            disabled=not enabled,
            value=self._value(field, value, name),
            values=written_answer(self.form, field, value, self.language) if field.kind == "read_only" else (),
            choices=self._choices(field, offered, value, identifier, name),
            select=self._is_select(field, offered),
            parts=self._parts(field, value, path),
            files=self._files(field, value),
            accept=",".join(options.accept),
            max_count=min(options.max_count, int(field.schema.get("maxItems", options.max_count))),
            max_megabytes=options.max_bytes // 1_000_000,
            autocomplete=options.autocomplete or AUTOCOMPLETE.get(field.kind, ""),
            inputmode=options.inputmode
            or ("numeric" if field.schema.get("type") == "integer" else INPUT_MODES.get(field.kind, "")),
            input_type=INPUT_TYPES.get(field.kind, "date" if options.widget == "date-picker" else "text"),
            width=options.width,
            unit="€" if field.kind == "money" else self.form.words(options.unit, self.language),
            rows=options.rows,
            max_length=int(field.schema.get("maxLength", 0)) if field.kind == "long_text" else 0,
            spellcheck=options.spellcheck and field.kind in {"text", "long_text"},
            widget=options.widget,
        )

    def _offered(self, field: Field, value: Any) -> tuple[Choice, ...]:
        if not field.options.source:
            return field.choices
        given = self.sources.get(field.options.source, ())
        return tuple(Choice(c.value, c.label, c.hint, c.group, token_of(c.value)) for c in given)

    def _is_select(self, field: Field, offered: Sequence[Choice]) -> bool:
        if field.kind != "choice":
            return False
        asked = field.options.widget or field.options.format
        return asked in {"select", "search"} or (asked != "radio" and len(offered) > MOST_RADIOS)

    def _value(self, field: Field, value: Any, name: str) -> str:
        if name in self.typed:
            return self.typed[name][-1] if self.typed[name] else ""
        if value is MISSING or isinstance(value, list | dict):
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        match field.kind:
            case "money" if isinstance(value, int | float):
                return typed_money(value, self.language)
            case "number" if isinstance(value, int | float):
                return typed_number(value, self.language)
            case "phone":
                return written_phone(str(value))
            case "moment":
                return typed_moment(str(value))
            case "time":
                return typed_time(str(value))
            case _:
                return str(value)

    def _choices(
        self, field: Field, offered: Sequence[Choice], value: Any, identifier: str, name: str
    ) -> tuple[ChoiceView, ...]:
        given = cast("list[Any]", value) if isinstance(value, list) else [value]
        chosen = {json.dumps(each) for each in given if each is not MISSING}
        views: list[ChoiceView] = []
        group = ""
        for rank, choice in enumerate(offered):
            own_id = identifier if rank == 0 else f"{identifier}-{rank + 1}"
            hint = self.form.words(choice.hint, self.language)
            heading = choice.group if choice.group != group else ""
            group = choice.group
            views.append(
                ChoiceView(
                    own_id,
                    choice.token,
                    self.form.words(choice.label, self.language),
                    hint,
                    f"{own_id}-choice" if hint else "",
                    heading,
                    json.dumps(choice.value) in chosen,
                )
            )
        return tuple(views)

    def _parts(self, field: Field, value: Any, path: Path) -> tuple[PartView, ...]:
        if field.kind != "date" or field.options.widget == "date-picker":
            return ()
        year, month, day = str(value).split("-") if isinstance(value, str) and value.count("-") == 2 else ("", "", "")
        written = {"day": day.lstrip("0"), "month": month.lstrip("0"), "year": year}
        birthday = field.options.autocomplete == "bday"
        views: list[PartView] = []
        for part, stored in written.items():
            name = input_name(path, part)
            shown = self.typed[name][-1] if self.typed.get(name) else stored
            own_id = field_id(path) if part == "day" else field_id(path, part)
            views.append(PartView(part, own_id, name, shown, BIRTHDAY_PARTS[part] if birthday else ""))
        return tuple(views)

    def _files(self, field: Field, value: Any) -> tuple[FileView, ...]:
        entries = cast("list[Any]", value) if field.kind == "attachments" and isinstance(value, list) else []
        return tuple(FileView(attachment_id(entry), attachment_name(entry)) for entry in entries)
