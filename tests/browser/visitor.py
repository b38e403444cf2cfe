"""Somebody in front of a screen: a browser window that remembers what was wrong on the pages it looked at."""

import re
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from babel.dates import format_date
from playwright.sync_api import BrowserContext, Locator, Page, expect

from server.town.place import DOMAIN, PASSWORD
from tests.browser.served import PATIENCE, ServedTown

ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

expect.set_options(timeout=10_000)

# A browser writes an error for every answer above 399: also for a form sent back to be corrected or signed for, which
# is no fault.
INTENDED = ("status of 401", "status of 409", "status of 422")


def axe_source() -> str:
    """The script of axe, which the build of the browser assets brings."""
    assert AXE.exists(), f"{AXE} is missing: run `make assets` (npm ci brings axe-core)."
    return AXE.read_text("utf-8")


class Visitor:
    """One person with one browser. `faults` must stay empty: the fixtures look at the end of each test."""

    def __init__(
        self, town: ServedTown, context: BrowserContext, *, name: str, screens: Path | None, scripts: bool = True
    ):
        self.town = town
        self.context = context
        self.name = name
        self.faults: list[str] = []
        self._screens = screens
        self.scripts = scripts
        context.set_default_timeout(PATIENCE * 1000)
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))

    def open(self, path: str) -> None:
        """Goes to a page of the town, or to the address in a mail."""
        self.page.goto(path if path.startswith("http") else self.town.address + path)

    def look(self, screen: str) -> None:
        """Looks at the page for what would stop somebody, and takes its picture when asked to."""
        if self._screens is not None:
            self._screens.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=self._screens / f"{screen}-{self.name}.png", full_page=True)
        if self.scripts:
            self.page.evaluate(axe_source())
            found: Any = self.page.evaluate(
                "(tags) => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
                ".then((result) => result.violations.map((one) =>"
                " `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`))",
                RULES,
            )
            self.faults += [f"{screen} ({self.page.url}): {each}" for each in found]
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                self.faults.append(f"{screen} ({self.page.url}) is wider than the {self.name}")

    def press(self, name: str) -> None:
        """Presses the button with this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str, *, exact: bool = True) -> None:
        """Follows the link with this name."""
        self.page.get_by_role("link", name=name, exact=exact).first.click()

    def open_task(self, task: str, about: str) -> None:
        """Opens the task of the list that is about this case, once it is there."""
        self.wait_to_see(about)
        row = self.page.locator("[data-row]", has_text=about).filter(has_text=task)
        row.get_by_role("link", name=task).first.click()

    def choose(self, *labels: str) -> None:
        """Ticks the choices with these labels."""
        for label in labels:
            self.page.get_by_label(label, exact=True).check()

    def write(self, label: str, text: str) -> None:
        """Fills in the field whose label begins so."""
        self.field(label).fill(text)

    def field(self, label: str) -> Locator:
        """The visible field whose label begins so."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}")).locator("visible=true").first

    def set_day(self, label: str, day: date) -> None:
        """Fills in a date, asked in one field."""
        self.field(label).fill(day.isoformat())

    def see(self, *texts: str) -> None:
        """Expects to read these."""
        for text in texts:
            expect(self.page.locator("body")).to_contain_text(text)

    def wait_to_see(self, text: str | re.Pattern[str]) -> None:
        """Reloads the page until it says this (a pattern minds capitals): something is happening behind it."""
        give_up = time.monotonic() + PATIENCE
        while not self.page.get_by_text(text).count():
            assert time.monotonic() < give_up, f"{self.page.url} never says “{text}”"
            self.page.wait_for_timeout(300)
            self.page.reload()

    def see_no(self, text: str) -> None:
        """Expects not to read this."""
        expect(self.page.locator("body")).not_to_contain_text(text)

    def see_title(self, text: str) -> None:
        """Expects the page's one title to hold this."""
        expect(self.page.locator("h1")).to_contain_text(text)

    def give_opinion(self, link: str, score: int, words: str) -> None:
        """Answers the survey behind the link of a mail."""
        self.open(link)
        self.look("survey")
        self.choose(str(score))
        self.write("Que faut-il garder", words)
        self.press("Envoyer mon avis")
        self.see_title("Merci")
        self.look("survey-done")

    def sign_in(self, who: str) -> None:
        """Signs in as a colleague of the demo town: `sign_in("Bruno Leclerc")`."""
        self.open("/connexion")
        self.fill_in_sign_in(who)
        self.page.wait_for_url(lambda address: "/connexion" not in address)

    def fill_in_sign_in(self, who: str) -> None:
        """Fills in the sign-in page already on the screen."""
        self.page.locator("input[name=email]").fill(address_of(who))
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.press("Se connecter")

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and not any(status in text for status in INTENDED):
            self.faults.append(f"{self.page.url}: {text}")


def link_in(text: str, path: str) -> str:
    """The address that leads to this path of the town, in a mail."""
    found = re.search(rf"https?://\S+{path}\S*", text)
    assert found is not None, f"No link to {path} in {text}"
    return found.group().rstrip(".")


def address_of(who: str) -> str:
    """The e-mail address of a colleague of the demo town."""
    plain = who.lower().translate(str.maketrans("àâçéèêëîïôöûùü", "aaceeeeiioouuu"))
    return f"{plain.replace(' ', '.')}@{DOMAIN}"


def in_french(day: date) -> str:
    """The day as letters and pages say it: “vendredi 27 novembre”."""
    said = format_date(day, "EEEE d MMMM", locale="fr")
    return said.replace(" 1 ", " 1er ")


def faults_of(visitors: Sequence[Visitor]) -> list[str]:
    """Everything that was wrong on any page any of them looked at."""
    return [f"{visitor.name}: {fault}" for visitor in visitors for fault in visitor.faults]
