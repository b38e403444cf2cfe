"""Working days: how the agents of the demo town answer each task, some at once, some late, a few never."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from engine.deadlines import PARIS, add_working_days
from engine.tasks import Task

Attach = Callable[[str, str], Awaitable[dict[str, str]]]
Answer = Callable[[Random, Task, dict[str, Any], datetime, Attach], Awaitable[dict[str, Any]]]


async def examination(
    chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach
) -> dict[str, Any]:
    """Most problems are planned within days; some are not the town's."""
    if chance.random() < 0.1:
        return {
            "decision": "out_of_scope",
            "competent_body": "Département, agence routière, 02 41 00 11 22",
            "reason": "Cette route est une route départementale.",
        }
    sooner = bool(answers.get("danger"))
    day = add_working_days(now.astimezone(PARIS).date(), 1 if sooner else chance.randint(1, 6))
    note = {"note": "Merci de votre vigilance."} if chance.random() < 0.3 else {}
    return {"decision": "planned", "planned_date": day.isoformat(), **note}


async def intervention(
    chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach
) -> dict[str, Any]:
    """Done, with a photo; sometimes put off."""
    today = now.astimezone(PARIS).date()
    if chance.random() < 0.08:
        later = add_working_days(today, 3)
        return {"outcome": "postponed", "planned_date": later.isoformat(), "note": "La pluie nous oblige à reporter."}
    comment = chance.choice(("Le travail est fait.", "Réparé et nettoyé.", "Remplacé à neuf.", "Sécurisé puis réparé."))
    photo = await attach("/photos", "apres.jpg")
    return {"outcome": "done", "done_on": today.isoformat(), "comment": comment, "photos": [photo]}


async def review(chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach) -> dict[str, Any]:
    """Most bookings are granted."""
    if chance.random() < 0.12:
        return {"decision": "refused", "reason": "La salle est fermée pour travaux à cette date."}
    return {"decision": "granted"}


async def opinion(chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach) -> dict[str, Any]:
    """Safety looks at large events."""
    if chance.random() < 0.2:
        return {"verdict": "conditions", "conditions": "Laisser libres les deux sorties de secours."}
    return {"verdict": "favourable"}


async def arbitration(
    chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach
) -> dict[str, Any]:
    """Conditions are accepted."""
    return {"decision": "granted"}


async def paper(chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach) -> dict[str, Any]:
    """The applicant sends the missing paper."""
    return {"document": [await attach("/document", "attestation-assurance.pdf")]}


async def right_check(
    chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach
) -> dict[str, Any]:
    """The document shown proves the right to the copy, or does not."""
    if chance.random() < 0.3:
        return {
            "decision": "refused",
            "reason": "Le lien avec la personne n’est pas établi.",
            "remedy": "Demandez un extrait sans filiation, ou joignez votre livret de famille.",
        }
    return {"decision": "accepted", "document": "Livret de famille"}


async def search(chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach) -> dict[str, Any]:
    """The act is in the register, nearly always."""
    if chance.random() < 0.06:
        return {"result": "not_found", "searched": "Tables décennales et registre de l’année, sans résultat."}
    kind = answers.get("copy_kind", "full")
    return {"result": "found", "copy_made": kind, "dispatch": answers.get("dispatch", "post")}


async def posting(chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach) -> dict[str, Any]:
    """The envelope left today."""
    return {"posted_on": now.astimezone(PARIS).date().isoformat()}


async def handover(
    chance: Random, task: Task, answers: dict[str, Any], now: datetime, attach: Attach
) -> dict[str, Any]:
    """Handed over at the counter against an identity document."""
    return {
        "identity_checked": True,
        "document_shown": chance.choice(("identity_card", "passport")),
        "handed_to": "applicant",
        "handed_on": now.astimezone(PARIS).date().isoformat(),
    }


ANSWERS: dict[str, Answer] = {
    "examination": examination,
    "intervention": intervention,
    "review": review,
    "opinion": opinion,
    "arbitration": arbitration,
    "paper": paper,
    "right_check": right_check,
    "search": search,
    "posting": posting,
    "reply_posting": posting,
    "handover": handover,
}
"""How each form is answered, by its name."""


def begins_after(chance: Random, task: Task) -> datetime:
    """When somebody gets to this task: an intervention on its day, the rest within hours or days, one in twelve far too
    late.
    """
    if task.form == "intervention" and task.due_at is not None:
        return task.due_at - timedelta(hours=6) + timedelta(days=chance.choice((0, 0, 0, 0, 0, 0, 1, 3)))
    hours = chance.choice((3, 5, 8, 20, 24, 28, 45, 50, 70, 96, 120, 150 if chance.random() < 0.6 else 300))
    return task.opened_at + timedelta(hours=hours)
