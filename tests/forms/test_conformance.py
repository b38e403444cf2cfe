"""Any form within the vocabulary is deployed, filled in over HTTP, stored as meant, and refuses what breaks it.

The whole folder: `python -m tests.conformance forms tests/forms/conformance`.
"""

from pathlib import Path

import pytest

from tests.conformance.forms import check_folder
from tests.conformance.forms.answers import valid_answers
from tests.conformance.forms.faults import faults_of
from tests.conformance.forms.merging import inlined, is_valid
from tests.conformance.forms.samples import samples_of

FOLDER = Path(__file__).parent / "conformance"
QUICK = {"enable-disable", "rules-and-lists", "discriminated", "later-rule", "property-counts"}


async def test_answers_are_stored_as_meant_and_what_breaks_a_constraint_is_refused(settings) -> None:
    reports = [report async for report in check_folder(FOLDER, settings, QUICK)]

    assert [report.failures for report in reports] == [[]] * len(QUICK)
    assert all(report.total >= 4 for report in reports)


@pytest.mark.proof
async def test_every_form_of_the_folder_holds(settings) -> None:
    reports = [report async for report in check_folder(FOLDER, settings)]

    assert [failure for report in reports for failure in report.failures] == []
    assert len(reports) >= 25


@pytest.mark.proof
@pytest.mark.parametrize("sample", samples_of(FOLDER), ids=lambda sample: sample.name)
def test_the_generator_makes_valid_answers_and_breaks_constraints(sample) -> None:
    schema = inlined(sample.schema, sample.schema)

    valid = valid_answers(sample, schema)
    faults, _ = faults_of(sample, schema, valid)

    assert valid
    assert all(is_valid(schema, answers) for answers in valid)
    assert not any(is_valid(schema, fault.answers) for fault in faults)
