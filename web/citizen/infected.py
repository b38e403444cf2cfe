"""Infected: files of a draft in which the antivirus found something after they were sent. Each is told on the review
page, with the page where another one is chosen."""

from desk import attachments
from forms import ReviewSection, review
from forms.views import ErrorView
from web.citizen.openings import Opening
from web.pages.questions import spoken
from web.pages.uploads import infected_message


async def told(opening: Opening) -> list[ErrorView]:
    """One line for each infected file that the answers name, leading to its question."""
    found = {str(each.id): each for each in await attachments.infected(opening.draft.id, opening.draft.answers)}
    if not found:
        return []
    sections = review(opening.form, opening.draft.answers, spoken(opening.visit.language))
    return [
        ErrorView(row.field_id, infected_message(file.name, row.label), _change(opening, section, row.field_id))
        for section in sections
        for row in section.rows
        for file in row.files
        if file.id in found
    ]


def _change(opening: Opening, section: ReviewSection, field_id: str) -> str:
    return f"{opening.path(opening.page(section.page_id))}?retour=1#{field_id}"
