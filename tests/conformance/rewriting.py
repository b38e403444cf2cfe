"""The models of betsy in the product's own languages: scripts and conditions become FEEL, nothing else changes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from lxml import etree

TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
MARK, WAIT, THROW = "mark_", "betsy-wait", "betsy-throw"
EXPRESSIONS = (
    "conditionExpression",
    "condition",
    "loopCondition",
    "completionCondition",
    "activationCondition",
    "loopCardinality",
)
OTHERS = ("INCREMENT_INTEGER_VARIABLE_AND_LOG", "WAIT_TEN_SECONDS", "THROW_ERROR")
RESULTS = {
    "CREATE_LOG_FILE": ("null", "ignored_"),
    "CREATE_MARKER_FILE": ('"MARKER_exists"', MARK),
    "CREATE_TIMESTAMP_LOG_1": ('"T1"', MARK),
    "CREATE_TIMESTAMP_LOG_2": ('"T2"', MARK),
    "SET_STRING_DATA": ('"String"', "data"),
    "LOG_DATA": ('if data = "String" then "DATA_correct" else "DATA_wrong"', MARK),
    "INCREMENT_INTEGER_VARIABLE": ("integerVariable + 1", "integerVariable"),
}


def rewritten(path: Path) -> bytes:
    """An executable model with its scripts and conditions in FEEL: all of them, also where the mark of a formal
    expression is missing."""
    root = etree.parse(path).getroot()
    for task in list(root.iter(BPMN + "scriptTask", BPMN + "globalScriptTask")):
        _rewrite_script(task)
    for node in _expressions(root):
        node.text = _feel(_text(node))
        node.set(TYPE, f"{node.prefix}:tFormalExpression" if node.prefix else "tFormalExpression")
    return etree.tostring(root)


def with_formal_expressions(path: Path) -> bytes:
    """A model that must be refused, with the scripts of the suite and the formal expressions in FEEL; what is written
    in natural language, or in another language, stays so."""
    root = etree.parse(path).getroot()
    for task in list(root.iter(BPMN + "scriptTask", BPMN + "globalScriptTask")):
        if _source(task) in {"", *RESULTS, *OTHERS} or _source(task).startswith("SCRIPT_task"):
            _rewrite_script(task)
    for node in _expressions(root):
        if node.get(TYPE, "").endswith("tFormalExpression") or _text(node) in ("true", "false"):
            node.text = _feel(_text(node))
    return etree.tostring(root)


def _expressions(root: Any) -> Iterator[Any]:
    return (node for name in EXPRESSIONS for node in root.iter(BPMN + name))


def _text(node: Any) -> str:
    return "".join(node.itertext()).strip()


def _source(task: Any) -> str:
    script = task.find(BPMN + "script")
    return "" if script is None else (script.text or "").strip()


def with_variables(model: bytes) -> bytes:
    """The model with its start variables taken from the answers its case is filed with; calls hand back no variable, as
    the standard has it where no data are mapped.
    """
    root = etree.fromstring(model)
    for call in root.iter(BPMN + "callActivity"):
        called = quoteattr(call.get("calledElement", "").rpartition(":")[2])
        call.insert(0, _extensions(f'<z:calledElement processId={called} propagateAllChildVariables="false"/>'))
    for process in root.iter(BPMN + "process"):
        for event in process.findall(BPMN + "startEvent"):
            if any(each.tag.endswith(("EventDefinition", "eventDefinitionRef")) for each in event):
                continue  # What starts it carries the variables.
            lines = "".join(
                f'<z:output source="=answers.{name}" target="{name}"/>' for name in ("test", "integerVariable")
            )
            event.insert(0, _extensions(f"<z:ioMapping>{lines}</z:ioMapping>"))
    return etree.tostring(root)


def _extensions(content: str) -> Any:
    tag = BPMN[1:-1]
    return etree.fromstring(f'<b:extensionElements xmlns:b="{tag}" xmlns:z="{ZEEBE}">{content}</b:extensionElements>')


def _rewrite_script(task: Any) -> None:
    script, source = task.find(BPMN + "script"), _source(task)
    if script is not None:
        task.remove(script)
    if source == "INCREMENT_INTEGER_VARIABLE_AND_LOG":
        lines = (("integerVariable + 1", "integerVariable"), ('"INCREMENT_correct"', MARK))
        mapping = "".join(
            f"<z:output source={quoteattr('=' + text)} target={quoteattr(name)}/>" for text, name in lines
        )
        content = f'<z:script expression="=null" resultVariable="ignored_"/><z:ioMapping>{mapping}</z:ioMapping>'
    elif source in ("WAIT_TEN_SECONDS", "THROW_ERROR"):
        content = f'<z:taskDefinition type="{WAIT if source == "WAIT_TEN_SECONDS" else THROW}"/>'
    else:
        text, name = RESULTS.get(source, (f'"{source}"', MARK))
        content = f"<z:script expression={quoteattr('=' + text)} resultVariable={quoteattr(name)}/>"
    task.insert(0, _extensions(content))


def _feel(text: str) -> str:
    text = re.sub(r"^[$#]\{(.*)\}$", r"\1", text)
    # One model has the end of a CDATA section left behind its condition.
    text = re.sub(r"\)\s*>$", ")", text)
    text = re.sub(r'!\s*test\.contains\("(\w)"\)', r'not(contains(test, "\1"))', text)
    text = re.sub(r'test\.contains\("(\w)"\)', r'contains(test, "\1")', text)
    return "=" + text.replace("==", "=").replace("&&", " and ").replace("||", " or ")
