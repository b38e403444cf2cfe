"""Hostile JSON in a bundle: too deep or too large is refused on arrival; a schema that would hang or fetch is never
published."""

import json

import pytest

from engine import deployments
from engine.errors import ProcedureUnknown
from engine.store.statements import value
from tests.bad_input.bundles import a_zip
from tests.bad_input.test_hostile_bundles import upload
from tests.engine.bundles import FORM, a_manifest

SCHEMA = "forms/request.schema.json"
UNREADABLE = {
    "100,000 levels": b"[" * 100_000,
    "100,000 closed levels": b"[" * 100_000 + b"]" * 100_000,
    "more than 5 MiB": b'{"a": "' + b"x" * (5 * 1024 * 1024) + b'"}',
    "torn": b'{"type": "object"',
    "not a number": b'{"a": NaN}',
    "not UTF-8": b'{"a": "\xff"}',
}
DANGEROUS = {
    "a reference to another machine": {"properties": {"a": {"$ref": "http://127.0.0.1:9/x"}}},
    "a reference to a file": {"properties": {"a": {"$ref": "file:///etc/passwd"}}},
    "a reference to itself": {"properties": {"a": {"$ref": "#"}}},
    "not an object": {"type": "array", "items": {"type": "string"}},
}


async def test_unreadable_json_is_refused_with_its_file(visitors, now):
    administrator = await visitors.administrator()

    answers = {what: await upload(administrator, a_zip({SCHEMA: content})) for what, content in UNREADABLE.items()}

    assert {what for what, answer in answers.items() if answer.status_code != 422} == set()
    assert all(SCHEMA in answer.text for answer in answers.values())
    assert await value("SELECT count(*) FROM admin_workshop") == 0


async def test_a_manifest_too_deep_to_read_is_refused(visitors, now):
    administrator = await visitors.administrator()
    manifest = json.dumps(a_manifest()).encode()[:-1] + b', "lanes": ' + b'{"a":' * 3_000 + b"1" + b"}" * 3_000 + b"}"

    answer = await upload(administrator, a_zip({"manifest.json": manifest}))

    assert answer.status_code == 422
    assert "manifest.json" in answer.text


async def test_a_dangerous_schema_is_told_on_the_bench_and_never_published(visitors, now):
    administrator, benches = await visitors.administrator(), {}

    for what, schema in DANGEROUS.items():
        await upload(administrator, a_zip({SCHEMA: json.dumps(FORM | schema).encode()}))
        benches[what] = await administrator.open("/admin/demarches/petition/atelier")
        await administrator.send("/admin/demarches/petition/publier", {"rev": "1"}, page="/admin/demarches")

    assert {what: bench.status_code for what, bench in benches.items()} == dict.fromkeys(DANGEROUS, 200)
    assert all(SCHEMA in bench.text for bench in benches.values())
    with pytest.raises(ProcedureUnknown):
        await deployments.active("petition")
