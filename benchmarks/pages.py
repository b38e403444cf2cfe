"""What a citizen's phone must fetch: compressed octets of every page from the catalogue to the follow-up, with its
style and script.

`python -m benchmarks pages [--json]`. Nothing is cached between pages: the worst case, a first visit to each.
"""

import asyncio
import gzip
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from httpx import ASGITransport, AsyncClient

from engine import deployments
from server.app import create_app
from server.command.demo import put_in_service
from server.embedded import attach
from server.migrate import migrate
from server.opened import opened
from server.settings import read_settings
from server.town.place import settle
from web.pages.forms_of import form_of

BUDGET, SCRIPT_BUDGET = 40_000, 10_000
ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')


class Weight(msgspec.Struct, frozen=True):
    """Compressed octets of one page."""

    page: str
    html: int
    style: int
    script: int
    other: int

    @property
    def total(self) -> int:
        return self.html + self.style + self.script + self.other


def main(*options: str) -> None:
    """Weighs every page of the street report, then prints the table and the two ratios to the budget."""
    with tempfile.TemporaryDirectory() as folder:
        weights = asyncio.run(weigh(Path(folder)))
    heaviest = max(weights, key=lambda one: one.total)
    script = max(one.script for one in weights)
    if "--json" in options:
        found = {"heaviest": heaviest.total, "budget": BUDGET, "script": script, "script_budget": SCRIPT_BUDGET}
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    print(f"{'page':<34}{'html':>8}{'style':>8}{'script':>8}{'other':>8}{'total':>8}")
    for one in weights:
        print(f"{one.page:<34}{one.html:>8}{one.style:>8}{one.script:>8}{one.other:>8}{one.total:>8}")
    print(f"heaviest ÷ budget of {BUDGET}: {heaviest.total / BUDGET:.2f} ({heaviest.page})")
    print(f"script ÷ budget of {SCRIPT_BUDGET}: {script / SCRIPT_BUDGET:.2f}")


async def weigh(folder: Path) -> list[Weight]:
    """The weights of the pages, in the order a citizen meets them."""
    with attach(folder) as servers:
        settings = read_settings(data_dir=folder)
        settings = msgspec.structs.replace(
            settings, database_url=servers.database_url, valkey_url=servers.valkey_url, secret_key="benchmark" * 8
        )
        async with opened(settings) as town:
            await migrate(town.database)
            await settle(datetime.now(UTC))
            await put_in_service(town)
        app = create_app(settings)
        async with (
            app.lifespan(),
            AsyncClient(transport=ASGITransport(app), base_url="http://127.0.0.1:8000") as client,
        ):
            return [await weigh_page(client, name, path) for name, path in await journey(client)]


async def journey(client: AsyncClient) -> list[tuple[str, str]]:
    """The addresses a citizen goes through; a draft is begun on the way."""
    shown = await client.get("/demarches/incident_report")
    token = re.findall(r'name="csrf" value="([^"]+)"', shown.text)[0]
    begun = await client.post("/demarches/incident_report/commencer", data={"csrf": token, "form": "report"})
    root = begun.headers["location"].split("/etape/")[0]
    deployment = await deployments.active("incident_report")
    form = await form_of(deployment.hash, "report")
    pages = [(f"question: {page.id}", f"{root}/etape/{page.id}") for page in form.pages]
    catalogue = [("catalogue", "/"), ("procedure", "/demarches/incident_report")]
    return [*catalogue, *pages, ("follow a request", "/suivi"), ("contact", "/contact")]


async def weigh_page(client: AsyncClient, name: str, path: str) -> Weight:
    """One page with everything it asks for."""
    html = await client.get(path)
    html.raise_for_status()
    assets = {asset: await client.get(asset) for asset in sorted(set(ASSET.findall(html.text)))}
    sizes = {"style": 0, "script": 0, "other": 0}
    for asset, response in assets.items():
        kind = "style" if ".css" in asset else "script" if ".js" in asset else "other"
        sizes[kind] += len(gzip.compress(response.content, 6))
    return Weight(page=name, html=len(gzip.compress(html.content, 6)), **sizes)


if __name__ == "__main__":
    main(*sys.argv[1:])
