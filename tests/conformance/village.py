"""The smallest town that can deploy a model of a suite: one department, one form, no connector."""

import json
from collections.abc import Mapping

from engine.bundle import Bundle, bundle_of
from engine.lint import Usable

WORDS = {"fr": "Modèle", "en": "Model"}
FORM = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "Modèle",
    "properties": {},
}


class Village:
    """A town that asks for nothing: any department, no connector."""

    departments: frozenset[str] | None = None
    connections: Mapping[str, Usable] | None = None

    def of_type(self, job_type: str) -> None:
        return None


def bundle_around(content: bytes, process: str, slug: str = "model") -> Bundle:
    """A bundle that holds one diagram, whose main process is `process`."""
    manifest = {
        "slug": slug,
        "title": WORDS,
        "summary": WORDS,
        "process": process,
        "department": "anyone",
        "start_forms": [{"form": "request", "title": WORDS, "start": None}],
        "term": {"working_days": 5},
        "personal_data": {"purpose": WORDS, "basis": WORDS, "retention_months": 12, "recipients": WORDS},
        "applicant": {"name": "=answers.name"},
        "title_of_case": '="Modèle"',
    }
    files = {
        "manifest.json": json.dumps(manifest).encode(),
        "model.bpmn": content,
        "forms/request.schema.json": json.dumps(FORM).encode(),
    }
    return bundle_of(files)
