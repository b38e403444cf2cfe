"""The runner of the compatibility kit, on a kit of three cases of our own."""

from pathlib import Path

import pytest

from tests.conformance import dmn_tck

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="d" name="d" namespace="n">
<inputData id="x" name="x"><variable name="x" typeRef="number"/></inputData>
<decision id="_a" name="a"><informationRequirement><requiredInput href="#x"/></informationRequirement>
<literalExpression><text>x + 1</text></literalExpression></decision></definitions>"""
CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><modelName>mine.dmn</modelName>
<testCase id="right"><inputNode name="x"><value xsi:type="xsd:decimal">1</value></inputNode>
<resultNode name="a"><expected><value xsi:type="xsd:decimal">2</value></expected></resultNode></testCase>
<testCase id="wrong"><inputNode name="x"><value xsi:type="xsd:decimal">1</value></inputNode>
<resultNode name="a"><expected><value xsi:type="xsd:string">2</value></expected></resultNode></testCase>
<testCase id="error"><inputNode name="x"><value xsi:type="xsd:string">a</value></inputNode>
<resultNode name="a" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
</testCases>"""


def test_failing_cases_are_printed_then_the_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "level-3" / "mine"
    folder.mkdir(parents=True)
    (folder / "mine.dmn").write_text(MODEL)
    (folder / "mine-test-01.xml").write_text(CASES)

    dmn_tck.run(tmp_path, tmp_path / "results.csv")

    lines = capsys.readouterr().out.splitlines()
    assert lines == ["mine wrong: a: expected '2', found Decimal('2') ", "2/3"]
    assert (tmp_path / "results.csv").read_text().splitlines()[
        0
    ] == '"level-3/mine","mine-test-01","right","SUCCESS",""'
