"""Journey: which pages a person goes through, given the answers so far. Reads no body, checks no answer."""

from forms.elements import Answers, Form, Page
from forms.rules import is_shown


def visible_pages(form: Form, answers: Answers) -> tuple[Page, ...]:
    """The pages now shown, in order: their rule allows it and they hold something to show."""
    return tuple(
        page
        for page in form.pages
        if is_shown(page.rules, answers) and any(is_shown(element.rules, answers) for element in page.elements)
    )


def next_page(form: Form, page: Page, answers: Answers) -> Page | None:
    """The page after this one; None when the review comes next."""
    pages = form.pages
    following = pages[pages.index(page) + 1 :]
    shown = visible_pages(form, answers)
    return next((each for each in following if each in shown), None)


def previous_page(form: Form, page: Page, answers: Answers) -> Page | None:
    """The page before this one; None on the first."""
    pages = form.pages
    shown = visible_pages(form, answers)
    return next((each for each in reversed(pages[: pages.index(page)]) if each in shown), None)


def last_page(form: Form, answers: Answers) -> Page:
    """The page before the review."""
    return (visible_pages(form, answers) or form.pages)[-1]
