"""The published meta-schemas say what the product says. Written again by `python -m tests.forms.test_metaschema`."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from forms.metaschema import form_metaschema, ui_metaschema
from forms.vocabulary import schema_findings, ui_findings
from tests.conformance.forms.samples import samples_of
from tests.forms.samples import EVERY_KIND, EVERY_KIND_UI, control

ROOT = Path(__file__).parents[2]
PUBLISHED = {"form.meta.json": form_metaschema, "form.ui.meta.json": ui_metaschema}


def written(schema: dict[str, Any]) -> str:
    """As it stands in the documentation."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_published_is_what_is_applied(name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == written(PUBLISHED[name]())


def test_every_form_of_ours_is_within_the_meta_schemas() -> None:
    of_form, of_ui = (jsonschema.Draft202012Validator(make()) for make in (form_metaschema, ui_metaschema))
    samples = samples_of(Path(__file__).parent / "conformance")

    assert [each.name for each in samples if not of_form.is_valid(each.schema)] == []
    assert [each.name for each in samples if each.ui is not None and not of_ui.is_valid(each.ui)] == []
    assert of_form.is_valid(EVERY_KIND) and of_ui.is_valid(EVERY_KIND_UI)


@pytest.mark.parametrize(
    ("schema", "ui"),
    [
        ({"type": "object", "properties": {"a": {"x-mask": 1}}}, None),
        ({"type": "object", "properties": {"a": {"format": "colour"}}}, None),
        (None, {"type": "VerticalLayout", "elements": [{"type": "Slider"}]}),
        (None, {"type": "VerticalLayout", "elements": [control("a", colour="red")]}),
        (None, {"type": "Label", "text": "x", "rule": {"effect": "BLINK", "condition": {"scope": "#", "schema": {}}}}),
    ],
)
def test_what_one_refuses_the_other_refuses(schema: Any, ui: Any) -> None:
    meta, source = (form_metaschema(), schema) if ui is None else (ui_metaschema(), ui)
    found = list(schema_findings(source) if ui is None else ui_findings(source))

    assert found
    assert not jsonschema.Draft202012Validator(meta).is_valid(source)


if __name__ == "__main__":
    for file, make in PUBLISHED.items():
        (ROOT / "docs" / "reference" / file).write_text(written(make()), "utf-8")
