"""Errors of the API: what a machine client did wrong, with the status and the code it knows (RFC 9457 in `server`)."""

from litestar.exceptions import HTTPException


class ApiProblem(HTTPException):
    """The request was refused."""

    status_code = 400
    code = "INVALID_ARGUMENT"

    def __init__(self, detail: str = "", **headers: str) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip(), headers=headers or None)


class InvalidArgument(ApiProblem):
    """The request says something that cannot be."""


class Unauthenticated(ApiProblem):
    """Expected the token of an API client, but there is none that is in force."""

    status_code = 401
    code = "UNAUTHENTICATED"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, **{"www-authenticate": 'Bearer realm="parvis"'})


class NotPermitted(ApiProblem):
    """The API client was not given the scope that this needs."""

    status_code = 403
    code = "FORBIDDEN"


class NothingHere(ApiProblem):
    """There is nothing of this key that the API client may see."""

    status_code = 404
    code = "NOT_FOUND"


class Conflict(ApiProblem):
    """What was asked does not fit the state it is in."""

    status_code = 409
    code = "INVALID_STATE"


class AlreadyExists(ApiProblem):
    """It exists already."""

    status_code = 409
    code = "ALREADY_EXISTS"


class Unprocessable(ApiProblem):
    """The request can be read, but what it brings is refused."""

    status_code = 422
    code = "INVALID_ARGUMENT"


class TooManyRequests(ApiProblem):
    """Too many requests: wait before the next one."""

    status_code = 429
    code = "RESOURCE_EXHAUSTED"


class TookTooLong(ApiProblem):
    """What was waited for has not happened in time; it goes on."""

    status_code = 504
    code = "DEADLINE_EXCEEDED"


class NotServed(ApiProblem):
    """Parvis does not serve this."""

    status_code = 422
    code = "UNIMPLEMENTED"
