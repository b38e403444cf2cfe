"""A compact way to write BPMN in a test: Python calls give the elements, lines such as `S > U > E` give the flows.

`mark("A")` is a task that passes at once; a run records which marks were left, and in which order.
"""

import re
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'targetNamespace="https://parvis.example">'
)
# Names every test may refer to: `message("m")`, `error("E1")`, ...
KNOWN = "".join(
    [
        *(f'<bpmn:signal id="signal_{name}" name="{name}"/>' for name in ("s", "s2")),
        *(f'<bpmn:message id="message_{name}" name="{name}"/>' for name in ("m", "m2")),
        '<bpmn:message id="message_keyed" name="keyed"><bpmn:extensionElements>',
        '<zeebe:subscription correlationKey="=key"/></bpmn:extensionElements></bpmn:message>',
        *(f'<bpmn:error id="error_{code}" errorCode="{code}"/>' for code in ("E1", "E2")),
        *(f'<bpmn:escalation id="escalation_{code}" escalationCode="{code}"/>' for code in ("X1", "X2")),
    ]
)


def diagram(elements: list[str], *flows: str, more: str = "", process: str = "p") -> bytes:
    """A BPMN file of one process; `more` holds other processes or root elements."""
    return f"{HEAD}{KNOWN}{one_process(process, elements, *flows)}{more}</bpmn:definitions>".encode()


def one_process(name: str, elements: list[str], *flows: str) -> str:
    return f'<bpmn:process id="{name}" isExecutable="true">{"".join(elements)}{flows_of(*flows)}</bpmn:process>'


def flows_of(*lines: str) -> str:
    """`A > B > C` chains, `A > B : =condition` guards. The flow from A to B has the id `A_B`."""
    found = []
    for line in lines:
        chain, _, condition = line.partition(" : ")
        names = [name.strip() for name in chain.split(">")]
        for source, target in pairwise(names):
            inner = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
            found.append(
                f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
                f"{inner}</bpmn:sequenceFlow>"
            )
    return "".join(found)


def element(kind: str, name: str, inner: str = "", *, zeebe: str = "", **attributes: object) -> str:
    """Any element; `zeebe` holds its extension elements without their prefix."""
    extensions = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1zeebe:", zeebe)
    head = f"<bpmn:extensionElements>{extensions}</bpmn:extensionElements>" if zeebe else ""
    given = "".join(f" {key}={quoteattr(_text(value))}" for key, value in attributes.items())
    return f"<bpmn:{kind} id={quoteattr(name)}{given}>{head}{inner}</bpmn:{kind}>"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def start(name: str = "S", event: str = "", **attributes: object) -> str:
    return element("startEvent", name, event, **attributes)


def end(name: str = "E", event: str = "", **attributes: object) -> str:
    return element("endEvent", name, event, **attributes)


def mark(name: str, inner: str = "", **attributes: object) -> str:
    return element("task", name, inner, **attributes)


def user(name: str, inner: str = "", *, form: str = "", zeebe: str = "", **attributes: object) -> str:
    formed = f'<formDefinition formId="{form}"/>' if form else ""
    return element("userTask", name, inner, zeebe=zeebe + formed, **attributes)


def job(name: str, inner: str = "", *, type: str = "work", zeebe: str = "", **attributes: object) -> str:
    return element("serviceTask", name, inner, zeebe=f'<taskDefinition type="{type}"/>{zeebe}', **attributes)


def script(name: str, expression: str, result: str, inner: str = "", **attributes: object) -> str:
    """A FEEL script task."""
    text = f"<script expression={quoteattr('=' + expression)} resultVariable={quoteattr(result)}/>"
    return element("scriptTask", name, inner, zeebe=text, **attributes)


def gateway(kind: str, name: str, inner: str = "", **attributes: object) -> str:
    return element(f"{kind}Gateway", name, inner, **attributes)


def catch(name: str, event: str, **attributes: object) -> str:
    return element("intermediateCatchEvent", name, event, **attributes)


def throw(name: str, event: str = "", **attributes: object) -> str:
    return element("intermediateThrowEvent", name, event, **attributes)


def boundary(name: str, host: str, event: str, *, interrupting: bool = True, **attributes: object) -> str:
    return element("boundaryEvent", name, event, attachedToRef=host, cancelActivity=interrupting, **attributes)


def sub(
    name: str,
    elements: list[str],
    *flows: str,
    inner: str = "",
    kind: str = "subProcess",
    zeebe: str = "",
    **attributes: object,
) -> str:
    return element(kind, name, inner + "".join(elements) + flows_of(*flows), zeebe=zeebe, **attributes)


def event_sub(name: str, elements: list[str], *flows: str) -> str:
    return sub(name, elements, *flows, triggeredByEvent=True)


def association(source: str, target: str) -> str:
    return f'<bpmn:association id="as_{source}" sourceRef="{source}" targetRef="{target}"/>'


# --- events ----------------------------------------------------------------------------------------------------------


def message(name: str = "m") -> str:
    return f'<bpmn:messageEventDefinition messageRef="message_{name}"/>'


def signal(name: str = "s") -> str:
    return f'<bpmn:signalEventDefinition signalRef="signal_{name}"/>'


def error(code: str = "") -> str:
    return f'<bpmn:errorEventDefinition errorRef="error_{code}"/>' if code else "<bpmn:errorEventDefinition/>"


def escalation(code: str = "") -> str:
    return (
        f'<bpmn:escalationEventDefinition escalationRef="escalation_{code}"/>'
        if code
        else "<bpmn:escalationEventDefinition/>"
    )


def terminate() -> str:
    return "<bpmn:terminateEventDefinition/>"


def cancel() -> str:
    return "<bpmn:cancelEventDefinition/>"


def compensate(activity: str = "") -> str:
    return (
        f'<bpmn:compensateEventDefinition activityRef="{activity}"/>'
        if activity
        else "<bpmn:compensateEventDefinition/>"
    )


def link(name: str) -> str:
    return f'<bpmn:linkEventDefinition name="{name}"/>'


def condition(text: str) -> str:
    inner = f"<bpmn:condition>{escape(text)}</bpmn:condition>"
    return f"<bpmn:conditionalEventDefinition>{inner}</bpmn:conditionalEventDefinition>"


def after(duration: str) -> str:
    return _timer("timeDuration", duration)


def on(date: str) -> str:
    return _timer("timeDate", date)


def every(cycle: str) -> str:
    return _timer("timeCycle", cycle)


def _timer(kind: str, text: str) -> str:
    return (
        f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{escape(text)}</bpmn:{kind}>'
        "</bpmn:timerEventDefinition>"
    )


# --- loops -----------------------------------------------------------------------------------------------------------


def times(count: int | str, *, sequential: bool = False, until: str = "") -> str:
    inner = f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality>" + _until(until)
    return _multiple(inner, sequential=sequential)


def each_of(
    items: str, item: str, *, results: str = "", result: str = "", sequential: bool = False, until: str = ""
) -> str:
    """A multi-instance over a collection."""
    gathered = f" outputCollection={quoteattr(results)} outputElement={quoteattr(result)}" if results else ""
    text = f"<zeebe:loopCharacteristics inputCollection={quoteattr(items)} inputElement={quoteattr(item)}{gathered}/>"
    inner = f"<bpmn:extensionElements>{text}</bpmn:extensionElements>{_until(until)}"
    return _multiple(inner, sequential=sequential)


def _multiple(inner: str, *, sequential: bool) -> str:
    name = "multiInstanceLoopCharacteristics"
    return f'<bpmn:{name} isSequential="{_text(sequential)}">{inner}</bpmn:{name}>'


def _until(text: str) -> str:
    return f"<bpmn:completionCondition>{escape(text)}</bpmn:completionCondition>" if text else ""


def loop(text: str = "", **attributes: object) -> str:
    inner = f"<bpmn:loopCondition>{escape(text)}</bpmn:loopCondition>" if text else ""
    given = "".join(f' {key}="{_text(value)}"' for key, value in attributes.items())
    return f"<bpmn:standardLoopCharacteristics{given}>{inner}</bpmn:standardLoopCharacteristics>"
