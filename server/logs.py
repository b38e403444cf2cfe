"""Logs: events in the past tense with ids, on standard error; as JSON unless a person is watching.

Never answers, names, addresses or any other personal data. Called once by each process, before anything else.
"""

import logging
import sys

import structlog

QUIET = ("uvicorn.access", "uvicorn.error", "httpx", "mail.log", "pgqueuer", "SpiffWorkflow", "spiff", "asyncio")


def configure_logs(*, debug: bool = False, pretty: bool | None = None) -> None:
    """Send structlog and the standard library's logging to standard error; `pretty` is the default on a terminal."""
    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if pretty is None:
        pretty = sys.stderr.isatty()
    drawn: list[structlog.typing.Processor] = (
        # Plain: the rich traceback would show the variables of each function, and so what people typed.
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if pretty
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *drawn],
        )
    )
    root = logging.getLogger()
    root.handlers = [output]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    # Their lines hold addresses of people and of pages; ours say what matters.
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
