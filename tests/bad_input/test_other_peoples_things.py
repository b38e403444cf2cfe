"""What belongs to somebody else does not exist: draft, case, task, attachment, document, by any address."""

from desk import attachments, documents
from desk.files import FileStore
from desk.uploads import CheckedUpload
from engine import cases, tasks
from engine.store.statements import value
from tests.bad_input.visitors import a_report_procedure, a_task_to_answer, begun, filed
from tests.desk.test_files import PDF
from tests.web.conftest import hidden_fields

GET, POST = "GET", "POST"


async def statuses(browser, *wanted: tuple[str, str]) -> dict[str, int]:
    """What each address answers to this visitor, who sends their own browser's token."""
    csrf = hidden_fields((await browser.open("/suivi")).text)["csrf"]
    return {
        f"{method} {path}": (
            await browser.client.request(method, path, data={"csrf": csrf} if method == POST else None)
        ).status_code
        for method, path in wanted
    }


def only(found: dict[str, int], status: int) -> None:
    assert {address: code for address, code in found.items() if code != status} == {}


async def test_a_draft_exists_for_its_owner_only(visitors, now):
    await a_report_procedure(now)
    review = await begun(await visitors.stranger())
    root = review.url.path.removesuffix("/verifier")

    found = await statuses(
        await visitors.stranger(),
        *((GET, f"{root}{end}") for end in ("", "/verifier", "/recu", "/etape/le-lieu", f"/fichiers/{root[-36:]}")),
        *(
            (POST, f"{root}{end}")
            for end in ("/envoyer", "/jeter", "/moi-aussi", "/etape/le-lieu", "/brouillon/le-lieu")
        ),
    )

    only(found, 404)
    assert await value("SELECT count(*) FROM engine_case") == 0


async def test_a_filed_request_exists_for_its_applicant_only(visitors, now):
    await a_report_procedure(now)
    code = await filed(await visitors.stranger())
    case = await cases.of_tracking_code(code)
    stranger = await visitors.stranger()
    asked = await stranger.open(f"/suivi/{code}")

    found = await statuses(
        stranger,
        *((GET, f"/suivi/{code}{end}") for end in ("/annuler", f"/documents/{case.id}", f"/pieces/{case.id}")),
        *((POST, f"/suivi/{code}{end}") for end in ("/annuler", "/message", f"/a-faire/{case.id}")),
    )

    only(found, 404)
    assert case.reference not in asked.text and "Tanneurs" not in asked.text


async def test_another_department_s_case_does_not_exist_for_an_agent(visitors, now):
    case, task = await a_task_to_answer(now)
    stranger = await visitors.agent("Chloé Petit", "etat-civil")
    root = f"/agent/dossiers/{case.case_id}"

    found = await statuses(
        stranger,
        *((GET, f"{root}{end}") for end in ("", "/presence", f"/pieces/{task.id}", f"/documents/{task.id}")),
        *((POST, f"{root}{end}") for end in ("/echanges", "/transferer", "/annuler", "/rattacher")),
        *(
            (POST, f"/agent/taches/{task.id}{end}")
            for end in ("", "/brouillon", "/prendre", "/remettre", "/transferer")
        ),
    )

    only(found, 404)
    assert (await tasks.get(task.id)).state == "open"
    assert "0 dossier" in (await stranger.open("/agent/recherche?q=Aïcha")).text


async def test_a_file_opens_under_its_own_case_only(visitors, now, settings):
    await a_report_procedure(now)
    mine, theirs = await visitors.stranger(), await visitors.stranger()
    code, other = await filed(mine), await filed(theirs)
    case, files = await cases.of_tracking_code(code), FileStore(settings.data_dir / "files")
    paper = CheckedUpload(name="plan.pdf", media_type="application/pdf", content=PDF)
    kept = await attachments.store(paper, files=files, now=now, field="/photos", case_id=case.id)
    letter = await documents.issue(case.id, PDF, title="Lettre", name="l.pdf", files=files, now=now, key="l")
    inner = await documents.issue(case.id, PDF, title="Note", name="n.pdf", files=files, now=now, key="n", public=False)

    own = await statuses(mine, (GET, f"/suivi/{code}/pieces/{kept.id}"), (GET, f"/suivi/{code}/documents/{letter.id}"))
    foreign = await statuses(
        theirs,
        (GET, f"/suivi/{other}/pieces/{kept.id}"),
        (GET, f"/suivi/{other}/documents/{letter.id}"),
        (GET, f"/suivi/{code}/pieces/{kept.id}"),
    )

    only(own, 200)
    only(foreign, 404)
    only(await statuses(mine, (GET, f"/suivi/{code}/documents/{inner.id}")), 404)
