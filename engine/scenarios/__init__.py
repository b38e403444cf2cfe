"""Scenarios: runs the `scenarios/*.json` of a bundle, purely: no database, no network, a clock that is moved.

Tells for each scenario the step that failed, what it expected and what was seen, and over all of them which elements
no scenario reaches. The format is in docs/reference/scenarios.md. Called by `parvis test`, the modeler and the tests
of the house.
"""

import msgspec

from engine.bpmn.errors import NotWaiting, UnknownStart
from engine.bundle import Bundle
from engine.definition import Definition, build
from engine.errors import EngineError, ScenarioInvalid
from engine.scenarios.expectations import check
from engine.scenarios.story import Step, Story, read_stories
from engine.scenarios.world import StepFailed, World

__all__ = ["Report", "ScenarioResult", "read_stories", "run_all", "run_story"]


class ScenarioResult(msgspec.Struct, frozen=True, kw_only=True):
    """How one scenario went. `failed_step` counts from 1 (0: the start); `step` is that step, in short."""

    name: str
    file: str
    passed: bool
    failed_step: int | None = None
    step: str = ""
    expected: str = ""
    seen: str = ""
    reached: frozenset[str] = frozenset()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How all scenarios of a bundle went, and the elements they reach or not (gateways and events included)."""

    slug: str
    results: tuple[ScenarioResult, ...]
    reached: frozenset[str]
    unreached: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Every scenario passed."""
        return all(result.passed for result in self.results)


def run_all(bundle: Bundle) -> Report:
    """Run every scenario of the bundle. A file that cannot be read is a failed result. Raises what building the
    definition raises.
    """
    definition = build(bundle)
    results: list[ScenarioResult] = []
    for file in bundle.names(".json"):
        if not file.startswith("scenarios/"):
            continue
        try:
            stories = read_stories(bundle.files[file], file)
        except ScenarioInvalid as refusal:
            unread = ScenarioResult(
                name=file, file=file, passed=False, failed_step=0, expected="a scenario", seen=refusal.reason
            )
            results.append(unread)
            continue
        results += [run_story(definition, story, file) for story in stories]
    reached = frozenset[str]().union(*(result.reached for result in results))
    unreached = tuple(sorted(set(definition.elements) - reached))
    return Report(slug=bundle.slug, results=tuple(results), reached=reached, unreached=unreached)


def run_story(definition: Definition, story: Story, file: str = "") -> ScenarioResult:
    """Run one scenario until its end, or its first step that fails."""
    number, step = 0, Step()
    world: World | None = None
    try:
        world = World(definition, story)
        for position, step in enumerate(story.steps, 1):
            number = position
            _play(world, step)
        _no_surprise(world)
    except (StepFailed, NotWaiting, UnknownStart, EngineError, ValueError) as failure:
        expected, seen = (
            (failure.expected, failure.seen)
            if isinstance(failure, StepFailed)
            else ("the step to be possible", str(failure))
        )
        return ScenarioResult(
            name=story.name,
            file=file,
            passed=False,
            failed_step=number,
            step=msgspec.json.encode(step).decode()[:300] if number else "",
            expected=expected,
            seen=seen,
            reached=frozenset(world.reached) if world else frozenset(),
        )
    return ScenarioResult(name=story.name, file=file, passed=True, reached=frozenset(world.reached))


def _play(world: World, step: Step) -> None:
    if step.expect is not None:
        check(world, step.expect)
        return
    if step.resolve is None:
        _no_surprise(world)
    world.do(step)


def _no_surprise(world: World) -> None:
    """An incident must be announced by the next step, or the scenario fails where it opened."""
    surprises = world.unforeseen()
    if surprises:
        told = "; ".join(f"{raised.element}: {raised.message}" for raised in surprises)
        raise StepFailed("no incident", f"one is open ({told})")
