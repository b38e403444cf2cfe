"""Addresses that lead elsewhere: whatever a link says, nobody leaves the town's site by following our answer to it."""

import re

import pytest

from tests.bad_input.visitors import a_task_to_answer
from tests.web.conftest import hidden_fields
from web.pages.layout import local_path

ELSEWHERE = (
    *("//evil.example", "/\\evil.example", "/\t/evil.example", "/\n/evil.example", "\t//evil.example", "evil.example"),
    *("https://evil.example", "javascript:alert(1)", "data:text/html,x", "", " /x", "/\x7f/evil.example"),
)


@pytest.mark.parametrize("address", ELSEWHERE)
def test_an_address_of_another_site_is_replaced(address):
    assert local_path(address, "/agent") == "/agent"


@pytest.mark.parametrize("address", ["/", "/agent?qui=moi&tri=due", "/demandes/1/etape/le-lieu#f-place"])
def test_an_address_of_ours_is_kept(address):
    assert local_path(address, "/agent") == address


async def test_no_page_an_agent_goes_back_from_leads_elsewhere(visitors, now):
    case, task = await a_task_to_answer(now)
    ana = await visitors.agent("Ana Ruiz", "voirie")
    root, left = f"/agent/dossiers/{case.case_id}", []

    for address in ELSEWHERE:
        shown = await ana.client.get(root, params={"retour": address, "tache": str(task.id)})
        fields = hidden_fields(shown.text)
        claimed = await ana.client.post(f"/agent/taches/{task.id}/prendre", data={**fields, "retour": address})
        links = re.findall(r'(?:href|action)="([^"]*)"', shown.text)
        left += [link for link in (*links, claimed.headers["location"]) if "evil" in link and "retour=" not in link]

    assert left == []


async def test_signing_in_while_signed_in_leads_home_and_not_elsewhere(visitors, now):
    ana = await visitors.agent("Ana Ruiz", "voirie")

    places = {(await ana.client.get("/connexion", params={"next": each})).headers["location"] for each in ELSEWHERE}

    assert places == {"/agent"}
