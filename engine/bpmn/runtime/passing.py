"""Passing: the short way past elements that do nothing of their own, for a token beside which nothing else moves.

The stages of `engine.bpmn.node` exist so that something may happen between them. Where nothing can, a token takes all
of them at once, element after element, with the same numbers and the same effects.
"""

from typing import TYPE_CHECKING

from engine.bpmn.flows import Flow
from engine.bpmn.runtime.token import COMPLETED, Token
from engine.effects import ElementLeft

if TYPE_CHECKING:
    from engine.bpmn.runtime.instance import Instance


def passed(instance: "Instance", token: Token) -> bool:
    """Takes a token that has just come to a plain element as far as it can go. False: it must go through the stages."""
    if token.is_particular or instance.fuse <= 0:
        return False
    frame, instance.acting, node = token.workflow, token, token.task_spec
    del frame.tasks[token.id]
    while True:
        chosen = node.only_way or _ways_on(instance, token)
        if chosen is None:
            frame.tasks[token.id] = token
            return False
        instance.fuse -= 1
        instance.effects.append(ElementLeft(token=token.id, element=node.name))
        if len(chosen) != 1 or not chosen[0].target.straight or instance.fuse <= 0:
            break
        node = token.task_spec = chosen[0].target
        token.id = instance.next_number()
        frame.announce(token)
    frame.live -= 1
    token._state = COMPLETED
    for flow in chosen:
        flow.target.arrive(frame, flow, token.outer)
    frame.check_end()
    return True


def _ways_on(instance: "Instance", token: Token) -> tuple[Flow, ...] | None:
    """The flows by which a token leaves; None where the stage that fails must tell it."""
    told = len(instance.effects)
    try:
        return token.task_spec.choose(token)
    except Exception:
        del instance.effects[told:]
        return None
