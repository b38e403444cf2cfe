"""A hostile or broken bundle on the administrator's upload page: said in a sentence, and nothing has changed."""

import io
import stat
import zipfile

import pytest

from engine import deployments
from engine.store.statements import value
from tests.bad_input.bundles import a_zip
from tests.engine.bundles import a_procedure
from tests.web.conftest import hidden_fields


async def upload(browser, content: bytes, **options):
    """The page that answers when this file is sent."""
    fields = hidden_fields((await browser.open("/admin/demarches")).text)
    files = {"bundle": ("petition.zip", content, "application/zip")}
    return await browser.client.post("/admin/demarches", data=fields, files=files, **options)


def a_link() -> tuple[zipfile.ZipInfo, bytes]:
    entry = zipfile.ZipInfo("forms/x.schema.json")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry, b"/etc/passwd"


def a_lying_bomb() -> bytes:
    """Six megabytes of nothing that say they are ten bytes."""
    size = 6_000_000
    return a_zip({"forms/x.schema.json": bytes(size)}).replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))


def a_torn_stream() -> bytes:
    """A zip whose directory is right and whose compressed content is not."""
    content = bytearray(a_zip({"README.md": b"parvis " * 4000}))
    start = content.index(b"README.md") + len(b"README.md")
    content[start : start + 40] = b"\xff" * 40
    return bytes(content)


def of_method(method: int) -> bytes:
    """A bundle compressed in a way Parvis does not read."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("manifest.json", b"{}" * 1000)
    return buffer.getvalue()


HOSTILE = {
    "a path that climbs": (lambda: a_zip({}, ("../../etc/cron.d/x", b"{}")), "../../etc/cron.d/x"),
    "a link": (lambda: a_zip({}, a_link()), "forms/x.schema.json"),
    "a file held twice": (lambda: a_zip({}, ("README.md", b"a"), ("readme.md", b"b")), "readme.md"),
    "an unknown kind of file": (lambda: a_zip({"install.sh": b"rm -rf /"}), "install.sh"),
    "a bomb": (lambda: a_zip({f"forms/{n}.json": bytes(4_900_000) for n in range(5)}), "20971520"),
    "a bomb that lies about its size": (a_lying_bomb, "archive"),
    "a torn stream": (a_torn_stream, "archive"),
    "a compression nobody uses": (lambda: of_method(zipfile.ZIP_LZMA), "manifest.json"),
    "no zip at all": (lambda: b"%PDF-1.7 nothing of the kind", "archive"),
    "no diagram": (lambda: a_zip_without(".bpmn"), ".bpmn"),
    "no manifest": (lambda: a_zip_without("manifest.json"), "manifest.json"),
}


def a_zip_without(ending: str) -> bytes:
    """The sound bundle less some of its files."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(a_zip())) as sound, zipfile.ZipFile(kept, "w") as archive:
        for name in sound.namelist():
            if not name.endswith(ending):
                archive.writestr(name, sound.read(name))
    return kept.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
async def test_a_hostile_bundle_is_refused_in_a_sentence_and_changes_nothing(visitors, now):
    in_service = await a_procedure(now)
    administrator = await visitors.administrator()

    answers = {what: await upload(administrator, made()) for what, (made, _) in HOSTILE.items()}

    assert {what for what, answer in answers.items() if answer.status_code != 422} == set()
    assert {what for what, answer in answers.items() if HOSTILE[what][1] not in answer.text} == set()
    assert await value("SELECT count(*) FROM admin_workshop") == 0
    assert (await deployments.active("petition")).hash == in_service.hash


async def test_a_draft_on_the_bench_survives_a_refused_bundle(visitors, now):
    await a_procedure(now)
    administrator = await visitors.administrator()
    await upload(administrator, a_zip({"README.md": b"Mon brouillon\n"}))

    await upload(administrator, a_zip({}, ("../x.bpmn", b"<x/>")))

    bench = await administrator.open("/admin/demarches/petition/atelier?fichier=README.md")
    assert "Mon brouillon" in bench.text


async def test_a_sound_bundle_waits_on_the_bench_and_reaches_nobody(visitors, now):
    in_service = await a_procedure(now)
    administrator = await visitors.administrator()

    answer = await upload(administrator, a_zip({"README.md": b"Nouveau\n"}))

    assert answer.headers["location"] == "/admin/demarches/petition/atelier"
    assert (await deployments.active("petition")).hash == in_service.hash


async def test_more_than_the_town_receives_is_refused_before_it_is_read(visitors, now):
    administrator = await visitors.administrator()

    answer = await upload(administrator, bytes(26 * 1024 * 1024))

    assert answer.status_code == 413
    assert "trop" in answer.text
