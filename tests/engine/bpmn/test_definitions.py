"""Definitions: what is read, what is refused (all at once, with the way out), and what lists and lint may look at."""

import pytest

from engine import definition
from engine.bpmn.errors import DefinitionRefused
from tests.engine.bpmn.diagrams import (
    after,
    boundary,
    catch,
    condition,
    diagram,
    element,
    end,
    job,
    link,
    mark,
    message,
    script,
    start,
    sub,
    throw,
    user,
)
from tests.engine.bpmn.runs import bundle


def refused(*elements: str, flows: tuple[str, ...] = ()) -> set[str | None]:
    return {finding.element for finding in definition.findings(bundle(diagram(list(elements), *flows)))}


def test_everything_wrong_is_told_at_once_with_the_way_out():
    found = definition.findings(
        bundle(
            diagram(
                [
                    element("serviceTask", "J"),
                    script("A", "1 +", "x"),
                    throw("T", link("nowhere")),
                    catch("C", after("")),
                    element("scriptTask", "P", "<bpmn:script>x</bpmn:script>", scriptFormat="groovy"),
                ],
                "J > Missing",
            )
        )
    )

    assert {finding.element for finding in found} == {"J", "A", "T", "C", "P", "J_Missing"}
    assert all(finding.message and finding.file == "0.bpmn" for finding in found)


def test_what_is_not_run_is_refused_never_ignored():
    assert refused(element("choreographyTask", "X")) == {"X"}
    assert refused(mark("A"), boundary("b", "A", "")) == {"b"}
    assert refused(element("businessRuleTask", "R")) == {"R"}
    assert refused(element("callActivity", "C")) == {"C"}
    assert refused(catch("C", "<bpmn:messageEventDefinition/>")) == {"C"}
    assert refused(user("U", "<bpmn:multiInstanceLoopCharacteristics/>")) == {"U"}
    assert refused(mark("A", startQuantity=0)) == {"A"}
    assert refused(user("U", zeebe="<executionListeners/>")) == {"U"}
    assert refused(catch("C", after("-PT1S"))) == {"C"}
    assert refused(catch("C", condition("k > 3"))) == {"C"}
    assert refused(mark("A"), mark("B"), flows=("A > B : k > 3",)) == {"A_B"}


@pytest.mark.parametrize(
    "document",
    [
        b"not xml",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b"<a>" * 300 + b"</a>" * 300,
        b"<a>" + b"<b/>" * 6000 + b"</a>",
    ],
)
def test_an_unsafe_document_is_refused(document):
    assert definition.findings(bundle(document))[0].rule == "safe-document"


def test_a_bundle_with_findings_is_not_built():
    with pytest.raises(DefinitionRefused) as refusal:
        definition.build(bundle(diagram([element("serviceTask", "J")])))

    assert refusal.value.findings[0].element == "J"


def test_the_main_process_must_exist():
    assert definition.findings(bundle(diagram([mark("A")]), process="other"))[0].rule == "main-process"


def test_the_same_bundle_is_built_once():
    one = bundle(diagram([mark("A")]))

    assert definition.build(one) is definition.build(one)


def test_elements_are_described_for_lists_diagrams_and_lint():
    zeebe = '<ioMapping><input source="=answers.mail" target="to"/></ioMapping>'
    inner = [start("s", message("keyed")), job("J", type="parvis:mail", zeebe=zeebe)]
    built = definition.build(
        bundle(
            diagram([start(), sub("P", inner, "s > J", triggeredByEvent=True), user("U", form="f"), end()], "S > U > E")
        )
    )
    elements = built.elements

    assert elements["J"].job_type == "parvis:mail" and elements["J"].parent == "P" and elements["J"].process == "p"
    assert [written.text for written in elements["J"].expressions] == ["=answers.mail"]
    assert (elements["s"].events[0].name, elements["s"].events[0].key) == ("keyed", "=key")
    assert elements["U"].form_id == "f" and elements["U"].incoming == ("S_U",) and elements["P"].is_event_subprocess
    assert built.source_xml("p").startswith(b"<bpmn:definitions")
