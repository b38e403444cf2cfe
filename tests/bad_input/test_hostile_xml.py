"""Malformed or hostile XML in a diagram or a decision table: refused when it arrives, by upload and from the editor."""

from engine.store.statements import value
from tests.bad_input.bundles import DIAGRAM, SOUND, a_diagram, a_zip
from tests.bad_input.test_hostile_bundles import upload
from tests.engine.bundles import REVIEW, a_procedure
from tests.web.conftest import hidden_fields

LAUGHS = "<!DOCTYPE x [" + '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip
HOSTILE = {
    "torn": b"<definitions><process",
    "not XML": b"PK\x03\x04",
    "empty": b"",
    "a DOCTYPE without subset": a_diagram(before='<!DOCTYPE definitions SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "an entity that reads a file": a_diagram(before='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
    "a billion laughs": a_diagram(REVIEW.replace("Appeler", "&a9;"), before=LAUGHS),
    "300 levels": a_diagram(REVIEW + "<subProcess>" * 300 + "</subProcess>" * 300),
    "6,000 elements": a_diagram(REVIEW + '<task id="t"/>' * 6_000),
    "more than 5 MiB": a_diagram(REVIEW + "<!--" + "x" * (5 * 1024 * 1024) + "-->"),
    "a lying encoding": a_diagram().replace(b'"UTF-8"', b'"UTF-16"'),
}


async def test_a_hostile_diagram_is_refused_when_it_arrives(visitors, now):
    administrator = await visitors.administrator()

    answers = {what: await upload(administrator, a_zip({DIAGRAM: content})) for what, content in HOSTILE.items()}

    assert {what for what, answer in answers.items() if answer.status_code != 422} == set()
    assert all(DIAGRAM in answer.text and "root:" not in answer.text for answer in answers.values())
    assert await value("SELECT count(*) FROM admin_workshop") == 0


async def test_a_hostile_decision_table_is_refused_too(visitors, now):
    administrator = await visitors.administrator()

    answer = await upload(administrator, a_zip({"fee.dmn": HOSTILE["an entity that reads a file"]}))

    assert answer.status_code == 422
    assert "fee.dmn" in answer.text


async def test_the_editor_s_hostile_diagram_is_refused_and_the_draft_stays(visitors, now):
    await a_procedure(now)
    administrator = await visitors.administrator()
    token = hidden_fields((await administrator.open("/admin/demarches")).text)["csrf"]
    address = f"/admin/demarches/petition/fichiers/{DIAGRAM}"

    refused = await administrator.client.put(
        f"{address}?rev=0", content=HOSTILE["an entity that reads a file"], headers={"x-csrf": token}
    )

    assert refused.status_code == 422
    assert "DOCTYPE" in refused.json()["detail"]
    assert (await administrator.open(address)).content == SOUND[DIAGRAM]
