"""No page of the town breaks on nonsense: whatever an address or a form says, it answers with a calm page."""

from tests.bad_input.visitors import a_report_procedure, a_task_to_answer, filed
from tests.web.conftest import hidden_fields
from tests.web.test_guards import handlers

NONSENSE = ("%00", "..%2F..%2Fetc%2Fpasswd", "%F0%9F%92%A9", "%27%3B--", "%0D%0AX-Evil:1", "-1", "x" * 900)
QUESTIONS = (
    *("q", "suite", "jour", "note", "rev", "jours", "etats", "fichier"),
    *("element", "tache", "page", "qui", "tri", "depuis", "retour", "agent"),
    *("next", "lang", "code", "etape", "demarche", "service", "fait", "vers", "element.Review"),
)
TYPED = ("\x00", "\ud800", "💩" * 50, "-1", "9" * 400, "../../etc/passwd")
FIELDS = (
    *("words", "reason", "department", "reference", "key", "retour", "task", "agent"),
    *("incident", "procedure", "origin", "form", "code", "name", "text", "rev"),
    *("score", "comment", "case", "bundle", "/note", "do"),
    *("operation", "execution", "motif", "commencer", "terminer", "dans", "nom", "valeur", "dossier", "vers"),
)


def broken_pages(logged) -> list[tuple[str, str]]:
    """Where the town answered that it has a problem, and why."""
    return sorted(
        {(event["route"], event["error"]) for event in logged if event["event"] in ("page_failed", "database_away")}
    )


async def test_no_page_breaks_on_nonsense_in_its_address(application, visitors, now, logged):
    case, task = await a_task_to_answer(now)
    somebody = await visitors.agent("Ana", "voirie", roles=["administrator"], supervises=["voirie"])
    known = {"slug:str": "petition", "case_id:uuid": str(case.case_id), "task_id:uuid": str(task.id)}
    pages = [path for path, method, _ in handlers(application) if method == "GET"]

    for nonsense in NONSENSE:
        query = "&".join(f"{name}={nonsense}" for name in QUESTIONS)
        for path in pages:
            addresses = {filled(path, known, nonsense), filled(path, {}, nonsense)}
            for address in sorted(addresses):
                await somebody.client.get(f"{address}?{query}")

    assert broken_pages(logged) == []


async def test_no_page_breaks_on_nonsense_in_its_form(application, visitors, now, logged):
    case, task = await a_task_to_answer(now)
    somebody = await visitors.agent("Ana", "voirie", roles=["administrator"], supervises=["voirie"])
    token = hidden_fields((await somebody.open("/suivi")).text)["csrf"]
    known = {"slug:str": "petition", "case_id:uuid": str(case.case_id), "task_id:uuid": str(task.id)}
    headers = {"content-type": "application/x-www-form-urlencoded", "x-csrf": token}
    taken = [(path, method) for path, method, _ in handlers(application) if method != "GET" and "deconn" not in path]

    for typed in TYPED:
        text = "".join(f"%{octet:02X}" for octet in typed.encode("utf-8", "surrogatepass"))
        body = "&".join([f"csrf={token}", *(f"{name}={text}" for name in FIELDS)])
        for path, method in taken:
            await somebody.client.request(method, filled(path, known, "absent"), content=body, headers=headers)

    assert broken_pages(logged) == []


async def test_the_citizen_s_own_pages_do_not_break_either(visitors, now, logged):
    await a_report_procedure(now)
    citizen = await visitors.stranger()
    code = await filed(citizen)
    token = hidden_fields((await citizen.open(f"/suivi/{code}")).text)
    typed = {**token, "words": "Bon\x00jour", "reason": "tant\x00pis", "email": "a\x00@b.example", "name": "\x00"}

    for path in (f"/suivi/{code}/message", "/suivi", "/compte/creer", "/mot-de-passe", f"/suivi/{code}/annuler"):
        await citizen.client.post(path, data=typed)

    assert broken_pages(logged) == []


def filled(path: str, known: dict[str, str], nonsense: str) -> str:
    """The route's path with its parameters: known ones by their names, an unknown id or nonsense for the others."""
    while (start := path.find("{")) != -1:
        end = path.index("}", start)
        name = path[start + 1 : end]
        unknown = "0199b2f0-0000-7000-8000-000000000000" if name.endswith("uuid") else nonsense[:200]
        path = path[:start] + known.get(name, unknown) + path[end + 1 :]
    return path
