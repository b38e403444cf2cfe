"""Forms: µs to draw a page and to validate a submission (÷ the reference validator), compressed octets of each kind of
page, and the time to the first field on a slow line, in Chromium.

`python -m benchmarks forms [--no-browser]`. The line: 400 kbit/s and 400 ms, nothing in the browser's cache.
"""

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import uvicorn
from httpx import AsyncClient
from playwright.sync_api import Browser, sync_playwright

from benchmarks.pages import Weight, weigh_page
from forms import page_view, read_form, validate, visible_pages
from server.app import create_app
from server.bundles import read_bundle
from server.command.demo import PROCESSES, put_in_service
from server.embedded import attach
from server.migrate import migrate
from server.opened import opened
from server.settings import Settings, read_settings
from server.town.place import settle
from tests.forms.browser import PAGE as TEMPLATE

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
VALIDATION_TARGET, HTML_TARGET, ALL_TARGET, FIRST_FIELD_TARGET = 1 / 5, 14_000, 40_000, 2.0
ROUNDS, SECONDS_A_ROUND, VISITS = 60, 0.01, 5
INTAKES = (
    ("room_booking", "booking"),
    ("incident_report", "report"),
    ("civil_status_certificate", "birth"),
)
LINE = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
# When the browser first draws a frame that holds a field: nothing is drawn before the styles are there.
WATCH = """const look = () => {
  const field = document.querySelector('form.form :is(input:not([type=hidden]), textarea, select)');
  if (field?.getBoundingClientRect().height) window.firstField = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);"""


def main(*options: str) -> None:
    """Prints every figure with its target."""
    print_speeds()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as settings:
        paths = asyncio.run(addresses(settings))
        print_weights([asyncio.run(weighed(settings, *path)) for path in paths])
        if "--no-browser" not in options:
            print_first_fields(settings, paths)


def print_speeds() -> None:
    """Validation and drawing of a whole booking."""
    bundle = read_bundle(PROCESSES / "room_booking")
    schema, ui, scenario = (
        msgspec.json.decode(bundle.files[name])
        for name in ("forms/booking.schema.json", "forms/booking.ui.json", "scenarios/granted.json")
    )
    form, answers = read_form(schema, ui), scenario["given"]["answers"]
    reference = jsonschema.Draft202012Validator(form.schema, format_checker=jsonschema.FormatChecker())
    ours, theirs, bare = best(
        lambda: validate(form, answers, now=NOW),
        lambda: list(reference.iter_errors(answers)),
        lambda: list(form.validator.iter_errors(answers)),
    )
    wrong = {**answers, "email": "x", "attendance": "many", "purpose": ""}
    ours_wrong, theirs_wrong = best(lambda: validate(form, wrong, now=NOW), lambda: list(reference.iter_errors(wrong)))
    print(f"{'validating a booking':<40}{'ours µs':>10}{'jsonschema µs':>15}{'ratio':>8}{'target':>8}")
    for name, mine, other in (
        ("valid, problems in words", ours, theirs),
        ("valid, the schema alone", bare, theirs),
        ("three problems, in words", ours_wrong, theirs_wrong),
    ):
        print(f"{name:<40}{mine:>10.0f}{other:>15.0f}{mine / other:>8.2f}{VALIDATION_TARGET:>8.2f}")
    print(f"\n{'drawing a page of it':<40}{'view µs':>10}{'html µs':>10}")
    for page in visible_pages(form, answers):
        view = page_view(form, page, answers, now=NOW)
        seen, drawn = best(
            lambda page=page: page_view(form, page, answers, now=NOW), lambda view=view: TEMPLATE.render(view=view)
        )
        print(f"{page.id:<40}{seen:>10.0f}{drawn:>10.0f}")


def best(*works: Callable[[], Any]) -> list[float]:
    """The shortest µs of processor of each, taken in turns so that a busy machine slows all alike."""
    counts = [max(1, int(SECONDS_A_ROUND / _seconds(work, 3))) for work in works]
    rounds = [[_seconds(work, count) for work, count in zip(works, counts, strict=True)] for _ in range(ROUNDS)]
    return [min(each) * 1e6 for each in zip(*rounds, strict=True)]


def _seconds(work: Callable[[], Any], count: int) -> float:
    begun = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - begun) / count


@contextmanager
def served(folder: Path) -> Iterator[Settings]:
    """The demo town, listening."""
    with attach(folder, durable=False) as servers:
        settings = msgspec.structs.replace(
            read_settings(data_dir=folder, port=8765),
            database_url=servers.database_url,
            valkey_url=servers.valkey_url,
            secret_key="benchmark" * 8,
        )
        asyncio.run(_furnish(settings))
        server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield msgspec.structs.replace(settings, public_url=f"http://127.0.0.1:{port}")
        finally:
            server.should_exit = True
            thread.join()


async def _furnish(settings: Settings) -> None:
    async with opened(settings) as town:
        await migrate(town.database)
        await settle(datetime.now(UTC))
        await put_in_service(town)


async def addresses(settings: Settings) -> list[tuple[str, str, str]]:
    """Every question of the intake forms and the review: name, address and the cookie that opens it."""
    found: list[tuple[str, str, str]] = []
    for slug, form_id in INTAKES:
        async with AsyncClient(base_url=settings.public_url) as client:
            shown = await client.get(f"/demarches/{slug}")
            csrf = shown.text.partition('name="csrf" value="')[2].partition('"')[0]
            begun = await client.post(f"/demarches/{slug}/commencer", data={"csrf": csrf, "form": form_id})
            root = begun.headers["location"].partition("/etape/")[0]
            bundle = read_bundle(PROCESSES / slug)
            form = read_form(
                *(msgspec.json.decode(bundle.files[f"forms/{form_id}.{part}.json"]) for part in ("schema", "ui"))
            )
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            found += [(f"{slug}: {page.id}", f"{root}/etape/{page.id}", cookie) for page in form.pages]
    return found


async def weighed(settings: Settings, name: str, path: str, cookie: str) -> Weight:
    """The octets of one page with its style and script."""
    async with AsyncClient(base_url=settings.public_url, headers={"cookie": cookie}) as client:
        return await weigh_page(client, name, path)


def print_weights(weights: list[Weight]) -> None:
    """Compressed octets, and the two heaviest ÷ their targets."""
    print(f"\n{'page, compressed octets':<52}{'html':>7}{'style':>7}{'script':>7}{'total':>7}")
    for one in weights:
        print(f"{one.page:<52}{one.html:>7}{one.style:>7}{one.script:>7}{one.total:>7}")
    html, total = max(one.html for one in weights), max(one.total for one in weights)
    print(f"heaviest HTML ÷ {HTML_TARGET}: {html / HTML_TARGET:.2f}; heaviest in all ÷ {ALL_TARGET}: ", end="")
    print(f"{total / ALL_TARGET:.2f}")


def print_first_fields(settings: Settings, paths: list[tuple[str, str, str]]) -> None:
    """Seconds to the first field: the median of some visits of one page of each procedure."""
    firsts = {path[0].partition(":")[0]: path for path in reversed(paths)}.values()
    print(f"\n{'first field at 400 kbit/s and 400 ms':<52}{'s':>7}{'target':>8}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, path, cookie in firsts:
            seconds = statistics.median(first_field(browser, settings, path, cookie) for _ in range(VISITS))
            print(f"{name:<52}{seconds:>7.2f}{FIRST_FIELD_TARGET:>8.1f}")
        browser.close()


def first_field(browser: Browser, settings: Settings, path: str, cookie: str) -> float:
    """Seconds from the click to the first frame with a field, with an empty cache."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value.partition(";")[0], "url": settings.public_url}])
    page = context.new_page()
    page.add_init_script(WATCH)
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", LINE)
    page.goto(settings.public_url + path)
    seconds = float(page.wait_for_function("window.firstField").json_value()) / 1000
    context.close()
    return seconds


if __name__ == "__main__":
    main(*sys.argv[1:])
