"""Information: the pages every town must publish: legal notice, personal data, accessibility, contact."""

from typing import Any

from litestar import Response, get

from accounts import departments
from engine import deployments
from web.pages import guards
from web.pages.layout import AnyRequest, page


@get("/contact", guards=[guards.anyone])
async def contact(request: AnyRequest) -> Response[Any]:
    """How to call, come or write, by department."""
    return page(request, "citizen/contact.html", departments=await departments.all_active())


@get("/donnees-personnelles", guards=[guards.anyone])
async def personal_data(request: AnyRequest) -> Response[Any]:
    """Purpose, basis, duration and recipients for each procedure, and people's rights (GDPR articles 13 to 22)."""
    return page(request, "citizen/personal_data.html", offered=await deployments.active_all())


@get("/mentions-legales", guards=[guards.anyone])
async def legal_notice(request: AnyRequest) -> Response[Any]:
    """Who publishes and hosts the site (law 2004-575, article 1-1)."""
    return page(request, "citizen/legal_notice.html")


@get("/accessibilite", guards=[guards.anyone])
async def accessibility(request: AnyRequest) -> Response[Any]:
    """The accessibility statement (law 2005-102, article 47; decree 2019-768)."""
    return page(request, "citizen/accessibility.html")


HANDLERS = [contact, personal_data, legal_notice, accessibility]
