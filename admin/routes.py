"""Routes of the administrators' pages, for `server.app`."""

from admin import (
    absences,
    blocked,
    clients,
    connections,
    connectors,
    dashboard,
    editing,
    halls,
    live,
    mails,
    migrating,
    operating,
    opinions,
    procedures,
    together,
    trying,
    webhooks,
)
from web.pages.routing import LARGEST_UPLOAD, pages

ROUTES = [
    pages(
        "/",
        [
            *procedures.HANDLERS,
            *editing.HANDLERS,
            *trying.HANDLERS,
            *live.HANDLERS,
            *blocked.HANDLERS,
            *connections.HANDLERS,
            *connectors.HANDLERS,
            *absences.HANDLERS,
            *halls.HANDLERS,
            *clients.HANDLERS,
            *webhooks.HANDLERS,
            *mails.HANDLERS,
            *dashboard.HANDLERS,
            *opinions.HANDLERS,
            *operating.HANDLERS,
            *migrating.HANDLERS,
            *together.HANDLERS,
        ],
        # The editors send whole diagrams and tables as text.
        largest_text=LARGEST_UPLOAD,
    )
]
