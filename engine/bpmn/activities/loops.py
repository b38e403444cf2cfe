"""Standard loops and multi-instance activities (BPMN 2.0.2, 10.3.8 and 13.3.6-7), driven by the token of the whole
activity.

The body token owns a scope with the counters; each iteration is a token of its own with a scope for its item.
Boundary events belong to the body.
"""

from typing import TYPE_CHECKING, Any

import msgspec

from engine.bpmn.activities.compensation import keep_for_undoing
from engine.bpmn.errors import ElementFailed
from engine.bpmn.events.throwing import check_throw, throw
from engine.bpmn.expressions import Value, holds
from engine.bpmn.scopes import Scope
from engine.bpmn.sizes import bytes_of, check_made
from engine.feel.sentences import Sentence
from engine.snapshot import Gathered

if TYPE_CHECKING:
    from engine.bpmn.runtime.token import Token

# More would be a mistake of the diagram: each instance is a token of the stored state.
MAX_INSTANCES = 10_000
# Where the token of the whole activity keeps how many bytes it holds besides its scopes.
GATHERED = "bytes"


class Behaviour(msgspec.Struct, frozen=True):
    """Events a multi-instance activity throws when its instances complete (BPMN 2.0.2, table 10.30)."""

    name: str = "All"
    first: Any = None
    each: Any = None
    complex: tuple[tuple[Value | None, Any], ...] = ()


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """What both kinds share: the repeated element and when it stops."""

    node: Any
    condition: Value | None = None

    def begin(self, body: "Token") -> bool | None:
        """Starts the iterations. True: there is none to run."""
        raise NotImplementedError

    def plan(self, iteration: "Token") -> None:
        """Evaluates what the end of an iteration needs, before anything changes."""
        raise NotImplementedError

    def iteration_ended(self, iteration: "Token") -> None:
        """The next iteration, or the end of the activity."""
        raise NotImplementedError

    def hand_over(self, body: "Token") -> None:
        """Writes what the whole activity gathered."""

    def _start_iteration(self, body: "Token", values: dict[str, Any]) -> None:
        top = body.workflow.top_workflow
        body.progress["started"] += 1
        scope = Scope(top.next_number(), body.local, {"loopCounter": body.progress["started"], **values})
        top.held += scope.size
        body.workflow.spawn(self.node, scope, body=body)


class StandardLoop(Loop, frozen=True, kw_only=True):
    """Repeats while its condition holds, at most `maximum` times."""

    tests_before: bool = False
    maximum: int | None = None

    def begin(self, body: "Token") -> bool | None:
        over = self.tests_before and not self._goes_on(0, body.outer, body)
        body.progress = {"started": 0, "done": 0}
        body.local = Scope(body.workflow.top_workflow.next_number(), body.outer)
        if over:
            return True
        self._start_iteration(body, {})
        return None

    def plan(self, iteration: "Token") -> None:
        assert iteration.body is not None
        iteration.planned = not self._goes_on(iteration.body.progress["done"] + 1, iteration.outer, iteration)

    def iteration_ended(self, iteration: "Token") -> None:
        body = iteration.body
        assert body is not None
        keep_for_undoing(body, iteration)
        body.workflow.leave(iteration)
        body.progress["done"] += 1
        if iteration.planned:
            body.resume()
        else:
            self._start_iteration(body, {})

    def _goes_on(self, done: int, scope: Scope, token: "Token") -> bool:
        if self.maximum is not None and done >= self.maximum:
            return False
        return self.condition is None or holds(self.condition, scope, token.now)


class MultiInstance(Loop, frozen=True, kw_only=True):
    """Runs once per item of a collection, or `cardinality` times, all at once or one after the other."""

    sequential: bool = False
    cardinality: Value | None = None
    items: Value | None = None
    item_name: str | None = None
    results: str | None = None
    result: Value | None = None
    result_name: str | None = None
    behaviour: Behaviour = Behaviour()

    def begin(self, body: "Token") -> bool | None:
        items = self._items(body)
        count = len(items)
        # Each item is held twice while the activity runs: in the collection, and here or in the scope of its iteration.
        size = bytes_of(items) if self.items is not None else 0
        check_made(body.workflow.top_workflow, size, () if self.items is None else self.items.free_names)
        body.progress = {"started": 0, "done": 0, "count": count, "items": items}
        if self.sequential:
            _hold(body, size)
        if self.results:
            body.gathered = Gathered.of([None] * count)
        counters = {
            "nrOfInstances": count,
            "nrOfActiveInstances": 0,
            "nrOfCompletedInstances": 0,
            "nrOfTerminatedInstances": 0,
        }
        body.local = Scope(body.workflow.top_workflow.next_number(), body.outer, counters)
        for _ in range(min(count, 1) if self.sequential else count):
            self._start_next(body)
        if not self.sequential:
            body.progress["items"] = None
        return None if count else True

    def plan(self, iteration: "Token") -> None:
        body = iteration.body
        assert body is not None and body.local is not None
        gathered = self._gathered(iteration)
        size = bytes_of(gathered) if self.results else 0
        check_made(body.workflow.top_workflow, size, (self.results,) if self.results else ())
        counters = self._counted(body)
        seen = Scope(0, iteration.outer, counters)
        over = self.condition is not None and holds(self.condition, seen, iteration.now)
        iteration.planned = (gathered, size, counters, over, self._behaviour_events(body, seen))

    def iteration_ended(self, iteration: "Token") -> None:
        body = iteration.body
        assert body is not None and body.local is not None
        gathered, size, counters, over, thrown = iteration.planned
        keep_for_undoing(body, iteration)
        body.workflow.leave(iteration)
        body.progress["done"] += 1
        body.local.put(counters)
        if body.gathered is not None:
            body.gathered.put(iteration.outer.read_here("loopCounter") - 1, gathered)
            _hold(body, size)
        for definition in thrown:
            if body.is_live:
                throw(body, definition)
        if not body.is_live:
            return
        if over:
            for kid in body.all_kids():
                kid.cancel()
        if over or body.progress["done"] == body.progress["count"]:
            body.resume()
        elif self.sequential:
            self._start_next(body)

    def iteration_terminated(self, iteration: "Token") -> None:
        """An iteration is ended from outside: it gives no result, and the others go on."""
        body = iteration.body
        assert body is not None and body.local is not None
        iteration.cancel()
        before = body.local.values_here
        body.local.put(
            {
                "nrOfActiveInstances": before["nrOfActiveInstances"] - 1,
                "nrOfTerminatedInstances": before["nrOfTerminatedInstances"] + 1,
            }
        )
        body.progress["done"] += 1
        if body.progress["done"] == body.progress["count"]:
            body.resume()
        elif self.sequential:
            self._start_next(body)

    def hand_over(self, body: "Token") -> None:
        if self.results:
            assert body.gathered is not None
            scope = body.outer.holder(self.results) or body.outer
            # What was gathered moves there, and has been counted.
            _hold(body, -body.progress.get(GATHERED, 0))
            body.workflow.top_workflow.write(scope, {self.results: body.gathered.all()})

    def _items(self, body: "Token") -> list[Any]:
        if self.items is not None:
            found = self.items.of(body.outer, body.now)
            if not isinstance(found, list):
                raise ElementFailed(
                    "expression",
                    Sentence("“{0}” is not a list.", (self.items.text,)),
                    tuple(sorted(self.items.free_names)),
                )
        else:
            found = list(range(1, self._count(body) + 1))
        if len(found) > MAX_INSTANCES:
            raise ElementFailed("expression", Sentence("{0} instances are more than {1}.", (len(found), MAX_INSTANCES)))
        return found

    def _count(self, body: "Token") -> int:
        found = None if self.cardinality is None else self.cardinality.of(body.outer, body.now)
        try:
            count = int(found)  # type: ignore[arg-type]
        except (TypeError, ValueError) as failure:
            raise ElementFailed(
                "expression", Sentence("The number of instances is not a number: {0}", (found,))
            ) from failure
        if not 0 <= count <= MAX_INSTANCES:
            raise ElementFailed("expression", Sentence("The number of instances is out of bounds: {0}", (count,)))
        return count

    def _start_next(self, body: "Token") -> None:
        assert body.local is not None
        values: dict[str, Any] = {}
        if self.item_name:
            values[self.item_name] = body.progress["items"][body.progress["started"]]
        if self.result_name:
            values.setdefault(self.result_name, None)
        body.local.put({"nrOfActiveInstances": body.local.values_here["nrOfActiveInstances"] + 1})
        self._start_iteration(body, values)

    def _gathered(self, iteration: "Token") -> Any:
        if self.result is not None:
            return self.result.of(iteration.outer, iteration.now)
        return iteration.outer.get(self.result_name) if self.result_name else None

    @staticmethod
    def _counted(body: "Token") -> dict[str, Any]:
        assert body.local is not None
        before = body.local.values_here
        return {
            "nrOfActiveInstances": before["nrOfActiveInstances"] - 1,
            "nrOfCompletedInstances": before["nrOfCompletedInstances"] + 1,
        }

    def _behaviour_events(self, body: "Token", seen: Scope) -> list[Any]:
        """What the end of this iteration throws, with its conditions evaluated where they can still fail."""
        behaviour, first = self.behaviour, body.progress["done"] == 0
        match behaviour.name:
            case "None":
                found = [behaviour.each]
            case "One":
                found = [behaviour.first] if first else []
            case "Complex":
                found = [definition for condition, definition in behaviour.complex if holds(condition, seen, body.now)]
            case _:
                found = []
        thrown = [definition for definition in found if definition is not None]
        for definition in thrown:
            check_throw(body, definition)
        return thrown


def _hold(body: "Token", size: int) -> None:
    if size:
        body.progress[GATHERED] = body.progress.get(GATHERED, 0) + size
        body.workflow.top_workflow.held += size
