"""Owners: whose drafts a visit may open, the browser's and the person's."""

from desk.drafts import Owner
from web.pages.visit import Visit


def owner_of(visit: Visit) -> Owner:
    """The owner behind a visit; agents file on behalf under their own name (`web.agent.counter`)."""
    person = visit.viewer.person_id if visit.viewer is not None else None
    return Owner(browser=visit.visitor_secret(), person=person)
