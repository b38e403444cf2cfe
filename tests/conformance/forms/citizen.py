"""Citizen: fills in the pages of a deployed form over HTTP as a browser without scripts would, from the drawn HTML."""

import json
from decimal import Decimal
from typing import Any

import msgspec
from httpx import AsyncClient, Response
from lxml import html

MOST_ROUNDS = 60
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63606060000000040001f61738550000"
    "000049454e44ae426082"
)
Pairs = list[tuple[str, str]]
MISSING = object()


class Refused(Exception):
    """The form did not take the answers; says where and why."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of one set of answers: the draft's address, whether it was filed, and the refusal if not."""

    root: str
    filed: bool
    refusal: str = ""
    status: int = 0


class Citizen:
    """One visitor who fills in one form."""

    def __init__(self, client: AsyncClient, slug: str) -> None:
        self.client, self.slug = client, slug
        self.forge = False

    async def answer(self, answers: dict[str, Any], *, forge: bool = False) -> Outcome:
        """Goes from the first page to the sending. `forge`: also sends what the page does not offer."""
        self.forge = forge
        procedure = await self.client.get(f"/demarches/{self.slug}")
        begun = await self.client.post(
            f"/demarches/{self.slug}/commencer", data={"csrf": _hidden(procedure)["csrf"], "form": "request"}
        )
        if begun.status_code != 303:
            return Outcome("", False, f"beginning gave {begun.status_code}", begun.status_code)
        root = begun.headers["location"].partition("/etape/")[0]
        shown = await self.client.get(begun.headers["location"])
        for _ in range(MOST_ROUNDS):
            if shown.status_code not in (200, 422):
                return Outcome(root, False, f"{shown.url.path} gave {shown.status_code}", shown.status_code)
            if _path(shown).endswith("/verifier"):
                return await self._send(root, shown)
            posted = await self._post(shown, answers)
            if posted.status_code == 422:
                return Outcome(root, False, summary_of(posted), 422)
            shown = await self._follow(posted)
        return Outcome(root, False, f"never reached the review, still on {_path(shown)}")

    async def _send(self, root: str, review: Response) -> Outcome:
        sent = await self.client.post(f"{root}/envoyer", data={"csrf": _hidden(review)["csrf"]})
        filed = sent.headers.get("location", "").endswith("/recu")
        refusal = "" if filed else summary_of(sent) or f"sent back to {sent.headers.get('location')}"
        return Outcome(root, filed, refusal, sent.status_code)

    async def _follow(self, response: Response) -> Response:
        while response.is_redirect:
            response = await self.client.get(response.headers["location"])
        return response

    async def _post(self, shown: Response, answers: dict[str, Any]) -> Response:
        """The page answered; adds and removes items first, one button at a time."""
        document = html.fromstring(shown.text)
        if (button := repeat_to_change(document, answers)) is not None:
            pairs, files = filled(document, answers, forge=False)
            return await self._push(shown, [*pairs, ("do", button)], files)
        pairs, files = filled(document, answers, forge=self.forge)
        return await self._push(shown, [*pairs, ("do", "continue")], files)

    async def _push(self, shown: Response, pairs: Pairs, files: list[str]) -> Response:
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        sent = [(name, ("piece.png", PIXEL, "image/png")) for name in files]
        address = str(shown.url) if not shown.is_redirect else shown.headers["location"]
        return await self.client.post(address, data=fields, files=sent or None)


def repeat_to_change(document: Any, answers: Any) -> str | None:
    """The button to press so that some list has as many items as it has answers."""
    for repeat in document.xpath("//fieldset[contains(@class, 'repeat')][not(ancestor::*[@disabled])]"):
        name = repeat.xpath("./input[@type='hidden']")[0].get("name")
        items = repeat.xpath("./fieldset[contains(@class, 'item')]")
        value = look_up(answers, name)
        wanted = len(value) if isinstance(value, list) else 0
        if len(items) < wanted and (add := repeat.xpath("./button[starts-with(@value, 'add ')]")):
            return add[0].get("value")
        if len(items) > wanted and (take := items[-1].xpath(".//button[starts-with(@value, 'remove ')]")):
            return take[-1].get("value")
    return None


def filled(document: Any, answers: Any, *, forge: bool) -> tuple[Pairs, list[str]]:
    """The pairs a browser sends once the person has typed, ticked and chosen; and the names of the file inputs used."""
    pairs: Pairs = []
    files: list[str] = []
    chosen: set[str] = set()
    for control in document.xpath("//form[contains(@class, 'form')]//*[self::input or self::textarea or self::select]"):
        name = control.get("name")
        if name is None or control.xpath("ancestor-or-self::*[@disabled]"):
            continue
        value = look_up(answers, name.partition("#")[0])
        if control.get("type") == "hidden":
            pairs.append((name, control.get("value", "")))
        elif control.get("type") == "file":
            files += [name] if isinstance(value, list) and not control.xpath("ancestor::fieldset[1]//li") else []
        elif control.get("type") in ("radio", "checkbox") or control.tag == "select":
            pairs += _chosen(control, name, value, chosen)
        else:
            pairs.append((name, typed(value, name.partition("#")[2])))
    if forge:
        pairs += _forged(document, answers, {name for name, _ in pairs}, chosen)
    return pairs, files


def _chosen(control: Any, name: str, value: Any, chosen: set[str]) -> Pairs:
    offered = [each.get("value") for each in control.xpath(".//option")] or [control.get("value")]
    group = control.xpath("//*[@name=$name]/@value", name=name) + offered
    wanted = value if isinstance(value, list) else [] if value is MISSING else [value]
    # Where “1” and 1 are both offered, each is sent as JSON; where all are plain texts, as they are.
    written = [json.dumps(each) if json.dumps(each) in group else each for each in wanted]
    tokens = [token for each in written for token in offered if token == each]
    chosen.update({name} if tokens or value is MISSING or value == [] else set())
    if value is False and control.get("type") == "checkbox":
        chosen.add(name)
    if control.tag == "select":
        return [(name, tokens[0] if tokens else "")]
    return [(name, tokens[0])] if tokens else []


def _forged(document: Any, answers: Any, drawn: set[str], chosen: set[str]) -> Pairs:
    """Answers the page does not let be given: choices not offered, items too many."""
    pairs: Pairs = []
    for control in document.xpath("//input[@type='radio' or @type='checkbox'] | //select"):
        name = control.get("name")
        value = look_up(answers, name)
        if name and name not in chosen and not control.xpath("ancestor-or-self::*[@disabled]"):
            chosen.add(name)
            pairs += [(name, typed(each, "")) for each in (value if isinstance(value, list) else [value])]
    for repeat in document.xpath("//fieldset[contains(@class, 'repeat')][not(ancestor-or-self::*[@disabled])]"):
        name = repeat.xpath("./input[@type='hidden']")[0].get("name")
        value = look_up(answers, name)
        count = len(repeat.xpath("./fieldset[contains(@class, 'item')]"))
        for rank, item in enumerate(value if isinstance(value, list) else []):
            pairs += _pairs_of(f"{name}/{rank}", item) if rank >= count else []
    return [pair for pair in pairs if pair[0] not in drawn or pair[0] in chosen]


def _pairs_of(name: str, value: Any) -> Pairs:
    if isinstance(value, dict):
        below = [_pairs_of(f"{name}/{key.replace('~', '~0').replace('/', '~1')}", each) for key, each in value.items()]
        return [(name, ""), *(pair for pairs in below for pair in pairs)]
    if isinstance(value, list):
        return [(name, ""), *(pair for rank, each in enumerate(value) for pair in _pairs_of(f"{name}/{rank}", each))]
    return [(name, typed(value, ""))]


def typed(value: Any, part: str) -> str:
    """A value as a person in France types it."""
    if value is MISSING or isinstance(value, list | dict) or value is None:
        return ""
    if part in ("year", "month", "day"):
        pieces = str(value).split("-")
        # What is no date is typed into the first part: the person does what the page lets them.
        return pieces[("year", "month", "day").index(part)] if len(pieces) == 3 else str(value) * (part == "day")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return format(Decimal(repr(value)), "f").replace(".", ",")
    return str(value)


def look_up(answers: Any, name: str) -> Any:
    """The value at a JSON pointer whose “#” are written “~2”."""
    here = answers
    for step in name.split("/")[1:]:
        key = step.replace("~2", "#").replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict):
            here = here.get(key, MISSING)
        elif isinstance(here, list) and key.isdigit() and int(key) < len(here):
            here = here[int(key)]
        else:
            return MISSING
    return here


def summary_of(response: Response) -> str:
    """What the error summary says; raises `Refused` when a line of it leads nowhere."""
    if not response.text:
        return ""
    document = html.fromstring(response.text)
    lines = document.xpath("//*[contains(@class, 'error-summary')]//li")
    for link in document.xpath("//*[contains(@class, 'error-summary')]//a[starts-with(@href, '#')]"):
        if not document.xpath("//*[@id=$id]", id=link.get("href")[1:]):
            raise Refused(f"the summary leads to {link.get('href')}, which is not on the page")
    return " | ".join(line.text_content().strip() for line in lines)


def _path(response: Response) -> str:
    return response.url.path


def _hidden(response: Response) -> dict[str, str]:
    found = html.fromstring(response.text).xpath("//input[@type='hidden'][@name]")
    return {each.get("name"): each.get("value", "") for each in found}
