"""Web: the pages of citizens and agents. Floor 5; holds no rule of a case: verbs of `desk`, `engine` and `accounts` do.

Wiring, done once by `server.app` (nothing here reads the environment or imports the server):

    house = web.pages.house.open_house(settings, valkey, clock, …)     # valkey: `valkey.asyncio.Valkey | None`
    Litestar(
        route_handlers=[*web.ROUTES, …],
        state=State({"house": house}),
        template_config=web.pages.templates.template_config(),
        exception_handlers={…: web.pages.problems.problem_page},         # for addresses that match no route
    )

`admin` builds its routes with `web.pages.routing.pages(...)` and gets the same visit, language, guards and headers.
"""

from web.routes import ROUTES

__all__ = ["ROUTES"]
