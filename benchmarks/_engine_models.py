"""The processes the engine is measured with, and their bundle."""

import json
from itertools import pairwise

from engine.bundle import Bundle, bundle_of

HEAD = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="https://parvis.example">
<process id="{slug}" isExecutable="true">{body}</process></definitions>"""
WORDS = {"fr": "Mesure", "en": "Measure"}
FORM = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "Mesure",
    "properties": {},
}
USER = '<userTask id="{id}" name="{id}"><extensionElements><zeebe:userTask/></extensionElements></userTask>'
JOB = (
    '<serviceTask id="{id}" name="{id}"><extensionElements><zeebe:taskDefinition type="measure"/></extensionElements>'
    "</serviceTask>"
)
MANUAL = '<manualTask id="{id}" name="{id}"/>'
DAY = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
TIMER = '<intermediateCatchEvent id="{id}">' + DAY + "</intermediateCatchEvent>"
LOOP = (
    '<startEvent id="S"/><exclusiveGateway id="J"/><userTask id="U"><extensionElements><zeebe:userTask/>'
    '</extensionElements></userTask><sequenceFlow id="a" sourceRef="S" targetRef="J"/>'
    '<sequenceFlow id="b" sourceRef="J" targetRef="U"/><sequenceFlow id="c" sourceRef="U" targetRef="J"/>'
)
MANY = (
    '<startEvent id="S"/><userTask id="U"><extensionElements><zeebe:userTask/></extensionElements>'
    '<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=items"'
    ' inputElement="item"/></extensionElements></multiInstanceLoopCharacteristics></userTask><endEvent id="E"/>'
    '<sequenceFlow id="a" sourceRef="S" targetRef="U"/><sequenceFlow id="b" sourceRef="U" targetRef="E"/>'
)


def chain(*elements: str) -> str:
    """A start, these elements one after the other (their ids are E0, E1, …), an end."""
    ids = ["S", *(f"E{number}" for number in range(len(elements))), "E"]
    body = "".join(element.format(id=ids[number + 1]) for number, element in enumerate(elements))
    flows = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'
        for number, (source, target) in enumerate(pairwise(ids))
    )
    return f'<startEvent id="S"/>{body}<endEvent id="E"/>{flows}'


def diagram(body: str, slug: str) -> bytes:
    """The BPMN of one process."""
    return HEAD.format(slug=slug, body=body).encode()


def bundle(body: str, slug: str) -> Bundle:
    """A procedure of one process."""
    manifest = {
        "slug": slug,
        "title": WORDS,
        "summary": WORDS,
        "process": slug,
        "department": "anyone",
        "start_forms": [{"form": "request", "title": WORDS, "start": None}],
        "term": {"working_days": 5},
        "personal_data": {"purpose": WORDS, "basis": WORDS, "retention_months": 12, "recipients": WORDS},
        "applicant": {"name": "=answers.name"},
        "title_of_case": '="Mesure"',
    }
    files = {
        "manifest.json": json.dumps(manifest).encode(),
        f"{slug}.bpmn": diagram(body, slug),
        "forms/request.schema.json": json.dumps(FORM).encode(),
    }
    return bundle_of(files)
