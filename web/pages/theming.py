"""Theming: serves the town's colour and logo under addresses that change with their content."""

from typing import Any

from litestar import Response, get

from web.pages import guards
from web.pages.errors import NotFound
from web.pages.house import house_of
from web.pages.layout import AnyRequest

FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
# A picture is only ever drawn: opened by itself, an SVG file must not run anything either.
STILL = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


@get("/theme.css", guards=[guards.anyone])
async def theme_css(request: AnyRequest) -> Response[Any]:
    """The tokens of the town's colour; empty when it kept ours."""
    return Response(house_of(request).theme.css, media_type="text/css; charset=utf-8", headers=FOR_EVER)


@get("/theme/logo", guards=[guards.anyone])
async def theme_logo(request: AnyRequest) -> Response[bytes]:
    """The town's logo. Raises `NotFound` when it gave none."""
    theme = house_of(request).theme
    if not theme.logo:
        raise NotFound
    return Response(theme.logo, media_type=theme.logo_type, headers={**FOR_EVER, **STILL})


HANDLERS = [theme_css, theme_logo]
