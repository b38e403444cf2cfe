"""The contract, whole: each connector × success, refusal, timeout, cut, slow answer, garbage, replay, and no secret and
no personal data in anything that was said. `pytest tests/connectors/test_contract_table.py -s` prints the table."""

import pytest

from connectors.catalogue import load_catalogue
from tests.connectors.benches import CASES, PERSON, SECRET, bench_of

WITHOUT_CODE = "town:registry"
TYPES = (
    *("parvis:mail", "parvis:notify", "parvis:survey", "parvis:sms", "parvis:http", "parvis:webhook", "parvis:address"),
    *("parvis:agenda", "parvis:department", "parvis:document", "parvis.inbound", WITHOUT_CODE),
)


def test_every_connector_is_in_the_table():
    catalogue = load_catalogue()

    known = {*catalogue.job_types, *(each.id for each in catalogue.kinds.values() if not each.is_job)}

    assert known == set(TYPES) - {WITHOUT_CODE}


@pytest.mark.parametrize("type", TYPES)
async def test_a_connector_keeps_every_case_of_the_contract(database, now, tmp_path, monkeypatch, capsys, type):
    kept = {}

    async with bench_of(type, now, database, tmp_path, monkeypatch) as bench:
        for case in CASES:
            await getattr(bench, case)()
            kept[case] = "kept"
        told = " ".join(bench.said)

    with capsys.disabled():
        print(f"\n{type:<18}", *(f"{case} ✓" for case in [*kept, "secrets"]), f"({len(bench.said)} sentences)", end="")
    assert list(kept) == list(CASES) and bench.said
    for word in (SECRET, PERSON["email"], PERSON["phone"], "Élodie", "Martin", "612345678"):
        assert word not in told
