"""Pages of agents: inbox, case file, task forms, reception, supervision. Never import citizens' pages; rights come
before verbs.
"""

from web.agent import acting, answering, case_file, counter, inbox, searching, supervision

HANDLERS = [
    *inbox.HANDLERS,
    *case_file.HANDLERS,
    *answering.HANDLERS,
    *acting.HANDLERS,
    *counter.HANDLERS,
    *searching.HANDLERS,
    *supervision.HANDLERS,
]
