"""Every place of a diagram where a modeller can write an expression. Data of tests."""

from collections.abc import Callable
from xml.sax.saxutils import escape, quoteattr

from tests.engine.bpmn import diagrams as drawn

ANSWERS = {"answers": {"name": "Ada", "list": [1, 2, 3]}}


def mapped(kind: str, text: str) -> str:
    return f"<ioMapping><{kind} source={quoteattr('=' + text)} target='x'/></ioMapping>"


def alone(element: str) -> bytes:
    """A process of one element."""
    return drawn.diagram([drawn.start(), element, drawn.end()], "S > A > E")


def a_choice(text: str) -> bytes:
    elements = [drawn.start(), drawn.gateway("exclusive", "G", default="G_E"), drawn.mark("A"), drawn.end()]
    return drawn.diagram(elements, "S > G > E", f"G > A : ={text}", "A > E")


def a_message(text: str) -> bytes:
    waiting = alone(drawn.catch("A", drawn.message()))
    return waiting.replace(b'correlationKey="=key"', f"correlationKey={quoteattr('=' + text)}".encode())


def a_python_script(text: str) -> bytes:
    return alone(drawn.element("scriptTask", "A", f"<bpmn:script>{escape(text)}</bpmn:script>", scriptFormat="python"))


# At the places of a diagram.
PLACES: dict[str, Callable[[str], bytes]] = {
    "condition": a_choice,
    "connector input": lambda text: alone(drawn.job("A", zeebe=mapped("input", text))),
    "output mapping": lambda text: alone(drawn.element("task", "A", zeebe=mapped("output", text))),
    "script": lambda text: alone(drawn.script("A", text, "x")),
    "timer": lambda text: alone(drawn.catch("A", drawn.after("=" + text))),
    "due date": lambda text: alone(drawn.user("A", zeebe=f"<taskSchedule dueDate={quoteattr('=' + text)}/>")),
    "assignment": lambda text: alone(
        drawn.user("A", zeebe=f"<assignmentDefinition candidateGroups={quoteattr('=' + text)}/>")
    ),
    "multi-instance": lambda text: alone(drawn.mark("A", drawn.each_of("=" + text, "item"))),
    "correlation": a_message,
}
