"""Papers of every kind, before a validator that is not ours: PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1).

Needs a JVM and Maven, which fetches the validator; what is fetched stays in a temporary folder."""

import shutil
import subprocess
from pathlib import Path

import pytest

from desk import documents
from desk.files import FileStore
from tests.connectors.postbox import a_job
from tests.connectors.test_document import INPUT, connector
from tests.desk.builders import a_case

HERE = Path(__file__).parents[1] / "conformance" / "papers"
KINDS = ("letter", "slip", "order")

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(not (shutil.which("mvn") and shutil.which("javac")), reason="needs a JDK and Maven"),
]


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the validator's libraries and our few lines around them, compiled."""
    folder = tmp_path_factory.mktemp("validator")
    goal = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    subprocess.run([*goal, f"-DoutputDirectory={folder}/lib"], check=True, timeout=600)
    subprocess.run(
        ["javac", "-cp", f"{folder}/lib/*", "-d", str(folder), str(HERE / "Check.java")], check=True, timeout=120
    )
    return folder


def judged(validator: Path, flavour: str, files: list[Path]) -> list[str]:
    """What the validator says, line by line."""
    command = ["java", "-cp", f"{validator}:{validator}/lib/*", "Check", flavour, *map(str, files)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout.splitlines()


async def papers(tmp_path: Path, now) -> list[Path]:
    """One issued document of each kind, as its case keeps it."""
    written = []
    for kind in KINDS:
        job = a_job("parvis:document", await a_case(now), input=INPUT | {"layout": kind})
        await connector(tmp_path / "kept").run(job, now)
        (document,) = await documents.of_case(job.case_id)
        written.append(tmp_path / f"{kind}.pdf")
        written[-1].write_bytes(await documents.read(document, FileStore(tmp_path / "kept")))
    return written


@pytest.mark.parametrize("flavour", ["2a", "ua1"])
async def test_a_paper_of_every_kind_keeps_the_standard(database, now, tmp_path, validator, flavour):
    said = judged(validator, flavour, await papers(tmp_path, now))

    print(f"\n{flavour}: " + ", ".join(line.rpartition("/")[0].split(" /")[0] for line in said))
    assert [line.split()[0] for line in said] == ["kept"] * len(KINDS), said


async def test_the_validator_refuses_what_is_no_pdf_a(database, now, tmp_path, validator):
    letter, *_ = await papers(tmp_path, now)
    letter.write_bytes(letter.read_bytes().replace(b"<pdfaid:part>2</pdfaid:part>", b"<pdfaid:part>9</pdfaid:part>"))

    said = judged(validator, "2a", [letter])

    assert said[0].startswith("broken") and len(said) > 1
