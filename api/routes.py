"""Routes: every address of machine clients, in one list for `server.app`."""

from litestar import Router
from litestar.datastructures import ResponseHeader

from api import reference, tokens
from api.orchestration import (
    batch_verbs,
    batching,
    cluster,
    creating,
    decided,
    decisions,
    definitions,
    deployments,
    elements,
    evaluating,
    expressions,
    incidents,
    instances,
    jobs,
    messages,
    operating,
    tasks,
    variables,
)
from api.repeats import RepeatMiddleware
from api.town import offers, procedures, submissions, webhooks

LARGEST_BODY = 4 * 1024 * 1024

ROUTES: list[Router] = [
    Router(
        path="/",
        route_handlers=[
            *tokens.HANDLERS,
            *reference.HANDLERS,
            *cluster.HANDLERS,
            *deployments.HANDLERS,
            *definitions.HANDLERS,
            *creating.HANDLERS,
            *instances.HANDLERS,
            *elements.HANDLERS,
            *variables.HANDLERS,
            *jobs.HANDLERS,
            *tasks.HANDLERS,
            *messages.HANDLERS,
            *incidents.HANDLERS,
            *decisions.HANDLERS,
            *decided.HANDLERS,
            *evaluating.HANDLERS,
            *expressions.HANDLERS,
            *operating.HANDLERS,
            *batching.HANDLERS,
            *batch_verbs.HANDLERS,
            *procedures.HANDLERS,
            *submissions.HANDLERS,
            *offers.HANDLERS,
            *webhooks.HANDLERS,
        ],
        middleware=[RepeatMiddleware()],
        request_max_body_size=LARGEST_BODY,
        response_headers=[
            ResponseHeader(name="x-content-type-options", value="nosniff"),
            ResponseHeader(name="cache-control", value="no-store"),
        ],
    )
]
