"""Pages of citizens. They work without JavaScript; nothing typed is ever lost."""

from web.citizen import (
    account,
    apply,
    catalogue,
    checking,
    draft_files,
    follow,
    information,
    resuming,
    sending,
    survey,
    to_do,
)

HANDLERS = [
    *catalogue.HANDLERS,
    *apply.HANDLERS,
    *draft_files.HANDLERS,
    *resuming.HANDLERS,
    *sending.HANDLERS,
    *follow.HANDLERS,
    *to_do.HANDLERS,
    *survey.HANDLERS,
    *checking.HANDLERS,
    *account.HANDLERS,
    *information.HANDLERS,
]
