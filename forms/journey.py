"""Journey: which pages a person goes through, given the answers so far. Reads no body, checks no answer."""

from forms.elements import Answers, Form, Page, Path
from forms.rules import answerable, is_enabled, is_shown


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


def reopened_pages(form: Form, page: Page, before: Answers, after: Answers) -> tuple[Page, ...]:
    """The other pages that ask something after this one was answered that they did not ask before."""
    return tuple(
        each
        for each in visible_pages(form, after)
        if each is not page and _asked(each, after) - (_asked(each, before) if is_shown(each.rules, before) else set())
    )


def _asked(page: Page, answers: Answers) -> set[Path]:
    return set(answerable(page.elements, answers, is_enabled(page.rules, answers), drawn=False))


def last_page(form: Form, answers: Answers) -> Page:
    """The page before the review."""
    return (visible_pages(form, answers) or form.pages)[-1]
