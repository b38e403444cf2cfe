"""Lighthouse finds nothing to say about the accessibility of citizen pages (score 100), phone, form pages included."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from benchmarks.forms import addresses, served

pytestmark = [pytest.mark.browser, pytest.mark.proof]
VERSION = "12.8.2"
PUBLIC = (
    *("/", "/demarches/room_booking", "/suivi", "/verifier", "/connexion", "/mot-de-passe", "/compte/creer"),
    *("/contact", "/accessibilite", "/donnees-personnelles", "/mentions-legales"),
)


@pytest.fixture(scope="module")
def lighthouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tool, brought for this proof alone."""
    folder = tmp_path_factory.mktemp("lighthouse")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder)]
    subprocess.run([*command, f"lighthouse@{VERSION}"], check=True, capture_output=True, timeout=600)
    return folder / "node_modules" / ".bin" / "lighthouse"


def score(lighthouse: Path, url: str, cookie: str) -> tuple[float, list[str]]:
    """The accessibility score of a page, and what keeps it from 100."""
    done = subprocess.run(
        [
            *(str(lighthouse), url, "--quiet", "--output=json", "--only-categories=accessibility"),
            *("--chrome-path=/usr/bin/chromium", "--chrome-flags=--headless=new --no-sandbox"),
            "--extra-headers=" + json.dumps({"Cookie": cookie}),
        ],
        check=True,
        capture_output=True,
        timeout=300,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "CHROME_PATH": "/usr/bin/chromium", "HOME": "/tmp"},
    )
    found = json.loads(done.stdout)
    wrong = [name for name, audit in found["audits"].items() if audit["score"] == 0]
    return found["categories"]["accessibility"]["score"], wrong


def test_every_citizen_page_scores_a_hundred(lighthouse: Path, tmp_path: Path) -> None:
    with served(tmp_path) as settings:
        questions = asyncio.run(addresses(settings))
        draft, cookie = questions[0][1].partition("/etape/")[0], questions[0][2]
        pages = [(path, "") for path in PUBLIC] + [(path, cookie) for _, path, cookie in questions[::2]]
        pages.append((f"{draft}/lien", cookie))

        scores = {path: score(lighthouse, settings.public_url + path, cookie) for path, cookie in pages}

    assert {path: found for path, found in scores.items() if found != (1, [])} == {}
