"""Who may open what, for every route of the served town: pages of all floors, and machine clients' addresses."""

import pytest

from server.app import all_routes
from tests.web.test_guards import LET_IN, SOME_ID, guard_of, handlers

PUBLIC = {"/sante"}


def test_every_route_of_the_town_says_who_may_open_it(application):
    unguarded = [(method, path) for path, method, handler in handlers(application) if len(guard_of(handler)) != 1]

    assert unguarded == []
    assert len(all_routes()) > 1


@pytest.mark.parametrize("audience", ["nobody", "citizen", "agent", "supervisor"])
async def test_who_does_not_administer_opens_no_page_of_administrators(application, visitors, now, audience):
    somebody = {
        "nobody": visitors.stranger,
        "citizen": lambda: visitors.agent("Marie", kind="citizen"),
        "agent": lambda: visitors.agent("Ana", "voirie", roles=["reception"]),
        "supervisor": lambda: visitors.agent("Inès", "voirie", supervises=["voirie"]),
    }[audience]
    browser = await somebody()
    opened = []

    for path, method, handler in handlers(application):
        if audience in LET_IN[guard_of(handler)[0]]:
            continue
        address = path
        while (start := address.find("{")) != -1:
            end = address.index("}", start)
            address = address[:start] + (SOME_ID if "uuid" in address[start:end] else "petition") + address[end + 1 :]
        answer = await browser.client.request(method, address)
        if answer.status_code not in (401, 403):
            opened.append((method, path, answer.status_code))

    assert opened == []
