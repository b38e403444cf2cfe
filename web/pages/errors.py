"""What can go wrong with a visit; `web.pages.problems` shows each as a calm page."""


class PageError(Exception):
    """The page could not be shown."""

    status = 500

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class Unreadable(PageError):
    """What was sent holds characters that no text has."""

    status = 400


class NotSignedIn(PageError):
    """This page is for people who have signed in."""

    status = 401


class Forbidden(PageError):
    """This page is for other people of the town hall."""

    status = 403


class FormForged(PageError):
    """The form did not come from our own page, or its page is too old."""

    status = 403


class NotFound(PageError):
    """There is nothing at this address."""

    status = 404


class Conflict(PageError):
    """Somebody did it before, or the thing has changed since."""

    status = 409


class TextTooLarge(PageError):
    """The answers are longer, or more, than a page takes."""

    status = 413


class UploadTooLarge(PageError):
    """The file is larger than what can be received."""

    status = 413


class UploadRefused(PageError):
    """The file is not one of the accepted kinds, or its content is not what its name says."""

    status = 422
