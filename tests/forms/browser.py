"""A browser as far as forms go: draws a page with the real templates and tells what pressing the button would send."""

from datetime import datetime
from typing import Any

from lxml import html

from forms import Form, Page, page_view
from tests.forms.gallery import environment

PAGE = environment("fr").from_string(
    '{% from "form/page.html" import form_page with context %}'
    '{% call form_page(view, action="/go") %}<button name="do" value="continue">Continuer</button>{% endcall %}'
)


def draw(form: Form, page: Page, answers: dict[str, Any], now: datetime, **options: Any) -> str:
    """The HTML of a page."""
    return PAGE.render(view=page_view(form, page, answers, now=now, **options))


def sent_by(document: str) -> list[tuple[str, str]]:
    """The pairs a browser sends: successful controls in order (HTML, “constructing the entry list”)."""
    pairs: list[tuple[str, str]] = []
    for control in html.fromstring(document).xpath("//input[@name] | //textarea[@name] | //select[@name]"):
        if control.get("disabled") is not None or control.xpath("ancestor::fieldset[@disabled]"):
            continue
        name = control.get("name")
        if control.tag == "textarea":
            # The parser of HTML drops one newline right after the tag, as browsers do; lxml keeps it.
            pairs.append((name, (control.text or "").removeprefix("\n").replace("\n", "\r\n")))
        elif control.tag == "select":
            # A list of which nothing was chosen sends its first line.
            chosen = control.xpath("option[@selected]") or control.xpath("option")[:1]
            pairs += [(name, option.get("value")) for option in chosen]
        elif control.get("type") not in {"radio", "checkbox", "file"} or control.get("checked") is not None:
            pairs += [] if control.get("type") == "file" else [(name, control.get("value", ""))]
    return pairs
