"""Submissions: a request filed by another system, at once or by way of a draft with attachments; and its follow-up."""

import asyncio
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post, put
from litestar.datastructures import UploadFile

from accounts import throttle
from accounts.errors import TooManyTries
from api.answers import NotAccepted, form_of, wrong
from api.errors import InvalidArgument, NothingHere, TooManyRequests
from api.guards import actor_of, client_of, scoped
from api.house import house_of, now_of
from api.shapes import Shape
from api.town.procedures import in_service
from api.town.refusals import told
from desk import attachments, drafts, filing, follow_up, uploads
from desk.attachments import Attachment
from desk.computing import compute
from desk.drafts import Draft, Owner
from desk.filing import Filed
from engine import cases, deployments
from engine.deployments import Deployment
from engine.errors import FormUnknown
from engine.filing import Applicant

LARGEST_UPLOAD = 11 * 1024 * 1024
Language = Literal["fr", "en"]
Person = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Asker(Shape, frozen=True, kw_only=True):
    """Whom the request is for, where the form does not say."""

    name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    email: Annotated[str, msgspec.Meta(max_length=254)] | None = None
    phone: Annotated[str, msgspec.Meta(max_length=40)] | None = None


class Submission(Shape, frozen=True, kw_only=True):
    """Answers that the form accepts. `form` absent: the procedure's first."""

    procedure: str
    answers: dict[str, Any]
    form: str | None = None
    language: Language = "fr"
    applicant: Asker | None = None


class Receipt(Shape, frozen=True, kw_only=True):
    """What the applicant keeps: the reference to quote, and the code that opens the follow-up page."""

    reference: str
    tracking_code: str
    follow_url: str
    procedure: str
    department: str
    filed_at: datetime
    due_at: datetime | None


class NewDraft(Shape, frozen=True, kw_only=True):
    """A draft to begin. `person`: whose it is, in the other system's own terms; a person has one draft a procedure."""

    procedure: str
    person: Person
    form: str | None = None
    answers: dict[str, Any] = {}
    language: Language = "fr"


class DraftAnswers(Shape, frozen=True, kw_only=True):
    """The answers of a draft, complete or not."""

    answers: dict[str, Any]


class ShownDraft(Shape, frozen=True, kw_only=True):
    """A draft; it is kept for 90 days after its last saving. `problems`: what the form does not accept yet."""

    id: str
    procedure: str
    form: str
    language: str
    answers: dict[str, Any]
    saved_at: datetime
    expires_at: datetime
    is_filed: bool
    problems: list[str]


class ShownAttachment(Shape, frozen=True, kw_only=True):
    """A file that was received. Its id is the answer of the form's field."""

    id: str
    name: str
    media_type: str
    size: int


class Sentence(Shape, frozen=True, kw_only=True):
    """A sentence: a message of the catalogues, and what fills its braces."""

    message: str
    parameters: dict[str, Any]


class FollowStep(Shape, frozen=True, kw_only=True):
    """One step of the citizen's timeline."""

    name: str
    state: str
    entered_at: datetime
    left_at: datetime | None


class Follow(Shape, frozen=True, kw_only=True):
    """Where a request is: who has it, what comes next, by when, and what the applicant must do."""

    reference: str
    procedure: str
    title: str
    state: str
    decision: str | None
    department: str
    filed_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    sentences: list[Sentence]
    steps: list[FollowStep]
    to_do: list[str]


@post("/api/submissions", guards=[scoped("submissions")], status_code=201, tags=["town: submissions"])
async def submit(request: Request[Any, Any, Any], data: Submission) -> Receipt:
    """File a request. With `Idempotency-Key`, a repeat returns the receipt of the request that was filed first."""
    client, now = client_of(request), now_of(request)
    deployment = await in_service(data.procedure, client)
    form = _form(deployment, data.form)
    answers = await _accepted(deployment.hash, form, data.answers, (), now)
    given = request.headers.get("idempotency-key") or str(msgspec.json.encode(data).hex())[:64] + now.isoformat()
    asker = data.applicant
    with told():
        filed = await filing.file_answers(
            data.procedure,
            answers,
            form=form,
            key=f"{client.id}:{given[:300]}",
            by=actor_of(request),
            now=now,
            language=data.language,
            applicant=Applicant(name=asker.name, email=asker.email, phone=asker.phone) if asker else None,
            follow_url=_follow_url(request),
        )
    return _receipt(request, filed)


@post("/api/drafts", guards=[scoped("submissions")], status_code=201, tags=["town: submissions"])
async def begin_draft(request: Request[Any, Any, Any], data: NewDraft) -> ShownDraft:
    """Begin a draft; it replaces the person's earlier draft of the procedure."""
    deployment = await in_service(data.procedure, client_of(request))
    with told():
        draft = await drafts.begin(
            data.procedure,
            form=_form(deployment, data.form),
            definition_hash=deployment.hash,
            owner=_owner(request, data.person),
            now=now_of(request),
            language=data.language,
            answers=data.answers,
        )
    return await _draft(draft, now_of(request))


@get("/api/drafts", guards=[scoped("submissions")], tags=["town: submissions"])
async def all_drafts(request: Request[Any, Any, Any], person: Person) -> list[ShownDraft]:
    """The unfiled drafts of a person."""
    now, client = now_of(request), client_of(request)
    found = await drafts.of_owner(_owner(request, person), now)
    return [await _draft(draft, now) for draft in found if client.sees(draft.procedure)]


@get("/api/drafts/{draft_id:uuid}", guards=[scoped("submissions")], tags=["town: submissions"])
async def get_draft(request: Request[Any, Any, Any], draft_id: UUID, person: Person) -> ShownDraft:
    """A draft."""
    return await _draft(await _own(request, draft_id, person), now_of(request))


@put("/api/drafts/{draft_id:uuid}", guards=[scoped("submissions")], tags=["town: submissions"])
async def save_draft(request: Request[Any, Any, Any], draft_id: UUID, person: Person, data: DraftAnswers) -> ShownDraft:
    """Replace the answers of a draft; they need not be complete."""
    await _own(request, draft_id, person)
    with told():
        draft = await drafts.save_page(
            draft_id, _owner(request, person), answers=data.answers, page=None, now=now_of(request)
        )
    return await _draft(draft, now_of(request))


@delete("/api/drafts/{draft_id:uuid}", guards=[scoped("submissions")], status_code=204, tags=["town: submissions"])
async def discard_draft(request: Request[Any, Any, Any], draft_id: UUID, person: Person) -> None:
    """Throw a draft away, with what it held."""
    await _own(request, draft_id, person)
    with told():
        await drafts.discard(draft_id, _owner(request, person), now_of(request))


@post(
    "/api/drafts/{draft_id:uuid}/attachments",
    guards=[scoped("submissions")],
    status_code=201,
    request_max_body_size=LARGEST_UPLOAD,
    tags=["town: submissions"],
)
async def attach(request: Request[Any, Any, Any], draft_id: UUID, person: Person) -> ShownAttachment:
    """Add a file to a draft (multipart, part `file`): a PDF or a photograph, 10 MB at most. The id is the answer."""
    await _own(request, draft_id, person)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidArgument("Expected a multipart/form-data request with a part named “file”.")
    part = (await request.form()).get("file")
    if not isinstance(part, UploadFile):
        raise InvalidArgument("Expected a part named “file”.")
    with told():
        checked = await asyncio.to_thread(uploads.check, part.filename, await part.read())
        kept = await attachments.store(checked, files=house_of(request).files, now=now_of(request), draft_id=draft_id)
    return _attachment(kept)


@post("/api/drafts/{draft_id:uuid}/submission", guards=[scoped("submissions")], tags=["town: submissions"])
async def file_draft(request: Request[Any, Any, Any], draft_id: UUID, person: Person) -> Receipt:
    """File a draft that its form accepts. Filing it again returns the same receipt."""
    draft, now = await _own(request, draft_id, person), now_of(request)
    owner = _owner(request, person)
    if draft.case_id is None:
        received = await attachments.of_draft(draft_id)
        answers = await _accepted(draft.definition_hash, draft.form, draft.answers, received, now)
        if answers != draft.answers:
            with told():
                await drafts.save_page(draft_id, owner, answers=answers, page=None, now=now)
    with told():
        filed = await filing.file(draft_id, owner, by=actor_of(request), now=now, follow_url=_follow_url(request))
    return _receipt(request, filed)


@get("/api/follow-up/{tracking_code:str}", guards=[scoped("submissions")], tags=["town: submissions"])
async def follow(
    request: Request[Any, Any, Any], tracking_code: str, email: str = "", language: Language = "fr"
) -> Follow:
    """Where a request is, for who has its code and its applicant's address. The same answer for a code that is none."""
    now = now_of(request)
    try:
        await house_of(request).throttle.count(throttle.TRACKING_CODE, tracking_code, now)
    except TooManyTries as many:
        raise TooManyRequests("", **{"retry-after": "900"}) from many
    case = await cases.of_tracking_code(tracking_code) if tracking_code.isascii() else None
    known = (case.applicant_email or "") if case is not None else "nobody@nowhere.invalid"
    fits = not known or hmac.compare_digest(
        known.strip().lower().encode(), email.strip().lower().encode("utf-8", "replace")
    )
    if case is None or not fits or not client_of(request).sees(case.procedure):
        raise NothingHere("No request has this code and this address.")
    await house_of(request).throttle.forget(throttle.TRACKING_CODE, tracking_code, now)
    found = await follow_up.of_case(case.id, now, language=language)
    return Follow(
        reference=found.reference,
        procedure=found.procedure,
        title=found.title,
        state=found.state,
        decision=found.decision,
        department=found.department,
        filed_at=found.filed_at,
        due_at=found.due_at,
        answered_at=found.answered_at,
        closed_at=found.closed_at,
        sentences=[Sentence(message=each.id, parameters=each.parameters) for each in found.sentences],
        steps=[
            FollowStep(name=each.name, state=each.state, entered_at=each.entered_at, left_at=each.left_at)
            for each in found.steps
        ],
        to_do=[each.name for each in found.to_do],
    )


def _form(deployment: Deployment, asked: str | None) -> str:
    start = deployment.manifest.start_form(asked) if asked else next(iter(deployment.manifest.start_forms), None)
    if start is None:
        raise NothingHere(str(FormUnknown()))
    return start.form


async def _accepted(
    definition_hash: str, form_id: str, given: dict[str, Any], received: Iterable[Attachment], now: datetime
) -> dict[str, Any]:
    """The answers as they are filed. Raises `NotAccepted` with every problem."""
    definition = await deployments.definition_of(definition_hash)
    form = form_of(definition, form_id)
    answers = compute(definition, form, given, now)
    if errors := wrong(form, answers, received, now):
        raise NotAccepted(form_id, errors)
    return answers


def _owner(request: Request[Any, Any, Any], person: str) -> Owner:
    return Owner(browser=f"api:{client_of(request).id}:{person}")


async def _own(request: Request[Any, Any, Any], draft_id: UUID, person: str) -> Draft:
    with told():
        draft = await drafts.resume(draft_id, _owner(request, person), now_of(request))
    if not client_of(request).sees(draft.procedure):
        raise NothingHere
    return draft


async def _draft(draft: Draft, now: datetime) -> ShownDraft:
    definition = await deployments.definition_of(draft.definition_hash)
    form = form_of(definition, draft.form)
    problems = wrong(form, compute(definition, form, draft.answers, now), await attachments.of_draft(draft.id), now)
    return ShownDraft(
        id=str(draft.id),
        procedure=draft.procedure,
        form=draft.form,
        language=draft.language,
        answers=draft.answers,
        saved_at=draft.saved_at,
        expires_at=draft.expires_at,
        is_filed=draft.case_id is not None,
        problems=[f"{each.pointer}: {each.detail}" for each in problems],
    )


def _attachment(kept: Attachment) -> ShownAttachment:
    return ShownAttachment(id=str(kept.id), name=kept.name, media_type=kept.media_type, size=kept.size)


def _receipt(request: Request[Any, Any, Any], filed: Filed) -> Receipt:
    return Receipt(
        reference=filed.reference,
        tracking_code=filed.tracking_code,
        follow_url=_follow_url(request).replace("{tracking_code}", filed.tracking_code),
        procedure=filed.procedure,
        department=filed.department,
        filed_at=filed.filed_at,
        due_at=filed.due_at,
    )


def _follow_url(request: Request[Any, Any, Any]) -> str:
    return f"{house_of(request).public_url}/suivi/{{tracking_code}}"


HANDLERS = [
    submit,
    begin_draft,
    all_drafts,
    get_draft,
    save_draft,
    discard_draft,
    attach,
    file_draft,
    follow,
]
