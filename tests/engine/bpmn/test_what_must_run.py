"""What the standard lets activities, loops, calls and gateways say beyond the ordinary: it runs, or it is refused."""

import pytest

from engine import definition
from engine.commands import ChildEscalated
from engine.effects import EscalationUncaught, JobQueued, MessagePublished
from tests.engine.bpmn.diagrams import (
    after,
    association,
    boundary,
    cancel,
    catch,
    compensate,
    diagram,
    each_of,
    element,
    end,
    error,
    escalation,
    event_sub,
    gateway,
    job,
    loop,
    mark,
    message,
    one_process,
    script,
    signal,
    start,
    sub,
    throw,
    times,
    user,
)
from tests.engine.bpmn.runs import bundle

FORMAL = 'xsi:type="bpmn:tFormalExpression"'


def findings(source: bytes) -> list[str]:
    """What keeps a diagram from being built; each with its way out."""
    found = definition.findings(bundle(source))
    assert all(each.way_out for each in found)
    return [each.message for each in found]


def refuses(source: bytes, words: str) -> bool:
    return any(words in message for message in findings(source))


# --- ad-hoc sub-processes --------------------------------------------------------------------------------------------


def ad_hoc(*inner: str, until: str = "", **attributes: object) -> bytes:
    condition = f"<bpmn:completionCondition {FORMAL}>{until}</bpmn:completionCondition>" if until else ""
    inside = sub("P", [*inner], inner="", kind="adHocSubProcess", **attributes)
    return diagram(
        [start(), inside.replace("</bpmn:adHocSubProcess>", f"{condition}</bpmn:adHocSubProcess>"), mark("Z")],
        "S > P > Z",
    )


def test_the_activities_of_an_ad_hoc_sub_process_are_all_open_at_once(run):
    opened = run(ad_hoc(user("A"), user("B"), user("C")))
    assert opened.open_tasks == ["A", "B", "C"]

    for name in "BCA":
        opened.answer(name)

    assert opened.marks == ["Z"] and opened.ended


def test_a_sequential_ad_hoc_sub_process_opens_one_activity_after_the_other(run):
    opened = run(ad_hoc(user("A"), user("B"), ordering="Sequential"))
    assert opened.open_tasks == ["A"]

    opened.answer("A")

    assert opened.open_tasks == ["B"]


def test_a_completion_condition_ends_an_ad_hoc_sub_process_and_cancels_what_still_runs(run):
    opened = run(ad_hoc(user("A", form="a"), user("B"), until="=a.enough"))

    opened.answer("A", enough=True)

    assert not opened.tasks and opened.marks == ["Z"] and opened.ended


def test_a_completion_condition_that_does_not_hold_lets_the_others_go_on(run):
    opened = run(ad_hoc(user("A", form="a"), user("B"), until="=a.enough"))

    opened.answer("A", enough=False)

    assert opened.open_tasks == ["B"] and opened.marks == []


def test_without_cancelling_the_rest_an_ad_hoc_sub_process_waits_for_what_has_begun(run):
    opened = run(ad_hoc(user("A", form="a"), user("B"), until="=a.enough", cancelRemainingInstances=False))

    opened.answer("A", enough=True)
    assert opened.open_tasks == ["B"] and opened.marks == []
    opened.answer("B")

    assert opened.marks == ["Z"] and opened.ended


def test_no_activity_begins_once_the_completion_condition_holds(run):
    opened = run(ad_hoc(user("A", form="a"), user("B"), until="=a.enough", ordering="Sequential"))

    opened.answer("A", enough=True)

    assert not opened.tasks and opened.marks == ["Z"]


def test_a_completion_condition_that_fails_is_an_incident_of_the_activity_and_can_be_retried(run):
    opened = run(ad_hoc(user("A"), user("B"), until="=if broken then [1..2] else done"), broken=True)

    opened.answer("A")
    assert opened.incident("A").kind == "expression" and opened.open_tasks == ["B"]
    opened.edit(broken=False, done=True).resolve("A")

    assert opened.marks == ["Z"] and opened.ended


# --- loops and multi-instance ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looped", "turns"),
    [
        (loop("=n < 0", testBefore=True), 0),
        (loop("=n < 0"), 1),
        (loop("=n < 2"), 2),
        (loop("=true", loopMaximum=3), 3),
        (loop(loopMaximum=3), 3),
        (loop("=n < 2", testBefore=True, loopMaximum=5), 2),
    ],
    ids=["tested before", "tested after", "until", "at most", "only a maximum", "both"],
)
def test_a_loop_runs_as_often_as_it_says(run, looped, turns):
    turned = run(diagram([start(), script("A", "n + 1", "n", looped), mark("Z")], "S > A > Z"), n=0)

    assert turned.variables["n"] == turns and turned.marks == ["Z"]


@pytest.mark.parametrize("maximum", ["0", "-1", "many"])
def test_a_loop_maximum_below_one_is_refused(maximum):
    assert refuses(diagram([start(), mark("A", loop("=true", loopMaximum=maximum))], "S > A"), "loop maximum")


@pytest.mark.parametrize("sequential", [False, True])
def test_the_counters_of_a_multi_instance_are_seen_inside_and_by_its_condition(run, sequential):
    counted = run(
        diagram(
            [start(), user("U", times(3, sequential=sequential, until="=nrOfCompletedInstances = 2")), mark("Z")],
            "S > U > Z",
        )
    )
    running = 1 if sequential else 3
    seen = counted.state.scopes[1].values
    assert (seen["nrOfInstances"], seen["nrOfActiveInstances"], seen["nrOfCompletedInstances"]) == (3, running, 0)

    counted.answer("U").answer("U")

    assert not counted.tasks and counted.marks == ["Z"]


def behaving(name: str, thrown: str = "", inner: str = "", *, interrupting: bool = False) -> bytes:
    """Three instances of a task whose ends are caught at the boundary."""
    attributes = f'behavior="{name}" {thrown}'
    marked = (
        f"<bpmn:multiInstanceLoopCharacteristics {attributes}>"
        f"<bpmn:loopCardinality {FORMAL}>=3</bpmn:loopCardinality>{inner}"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    return diagram(
        [
            start(),
            user("U", marked),
            boundary("B", "U", signal(), interrupting=interrupting),
            mark("H"),
            mark("Z"),
            end("h"),
            end(),
        ],
        "S > U > Z > E",
        "B > H > h",
        more='<bpmn:signalEventDefinition id="told" signalRef="signal_s"/>',
    )


def complex_one(condition: str) -> str:
    return (
        f"<bpmn:complexBehaviorDefinition><bpmn:condition {FORMAL}>{condition}</bpmn:condition>"
        '<bpmn:event id="ev"><bpmn:signalEventDefinition signalRef="signal_s"/></bpmn:event>'
        "</bpmn:complexBehaviorDefinition>"
    )


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (behaving("All"), 0),
        (behaving("None", 'noneBehaviorEventRef="told"'), 3),
        (behaving("One", 'oneBehaviorEventRef="told"'), 1),
        (behaving("Complex", inner=complex_one("=nrOfCompletedInstances &gt; 1")), 2),
    ],
    ids=["all", "none", "one", "complex"],
)
def test_a_multi_instance_tells_of_its_instances_as_its_behaviour_says(run, source, told):
    behaved = run(source)

    for _ in range(3):
        behaved.answer("U")

    assert sorted(behaved.marks) == ["H"] * told + ["Z"] and behaved.ended


def test_an_interrupting_boundary_event_ends_a_multi_instance_that_tells_of_its_first_instance(run):
    behaved = run(behaving("One", 'oneBehaviorEventRef="told"', interrupting=True))

    behaved.answer("U")

    assert behaved.marks == ["H"] and not behaved.tasks and behaved.ended


def test_a_condition_of_a_behaviour_that_fails_is_an_incident_and_nothing_is_counted_twice(run):
    behaved = run(behaving("Complex", inner=complex_one("=if broken then [1..2] else true")), broken=True)

    behaved.answer("U")
    assert behaved.incident("U").kind == "expression" and behaved.marks == []
    behaved.edit(broken=False).resolve("U").answer("U").answer("U")

    assert sorted(behaved.marks) == ["H", "H", "H", "Z"] and behaved.ended


def test_a_behaviour_that_throws_an_error_is_refused():
    thrown = behaving("None", 'noneBehaviorEventRef="wrong"').replace(
        b'<bpmn:signalEventDefinition id="told" signalRef="signal_s"/>', b'<bpmn:errorEventDefinition id="wrong"/>'
    )

    assert refuses(thrown, "no message, signal or escalation")


# --- compensation ----------------------------------------------------------------------------------------------------


def undoable(name: str, handler: str) -> list[str]:
    return [mark(name), boundary(f"b{name}", name, compensate()), handler, association(f"b{name}", f"u{name}")]


def undone(name: str) -> str:
    return mark(f"u{name}", isForCompensation=True)


def test_a_thrower_that_does_not_wait_goes_on_while_all_is_undone(run):
    throwing = throw("T", '<bpmn:compensateEventDefinition waitForCompletion="false"/>')
    handler = user("uA", isForCompensation=True)
    thrown = run(diagram([start(), *undoable("A", handler), throwing, mark("Z"), end()], "S > A > T > Z > E"))
    assert thrown.marks == ["A", "Z"] and thrown.open_tasks == ["uA"] and thrown.ended is None

    thrown.answer("uA")

    assert thrown.ended and thrown.marks == ["A", "Z"]


def test_compensation_inside_out_and_in_reverse_order_across_nested_and_repeated_sub_processes(run):
    inner = sub("I", [start("i"), *undoable("A", undone("A")), *undoable("B", undone("B"))], "i > A > B")
    outer = sub("O", [start("o"), inner, *undoable("C", undone("C"))], "o > I > C", inner=times(2, sequential=True))
    thrown = run(
        diagram([start(), outer, *undoable("D", undone("D")), throw("T", compensate()), end()], "S > O > D > T > E")
    )

    assert thrown.marks == ["A", "B", "C"] * 2 + ["D"] + ["uD"] + ["uC", "uB", "uA"] * 2 and thrown.ended


def test_a_cancelled_iteration_of_a_transaction_without_cancel_event_ends_the_whole_activity(run):
    transaction = sub("X", [start("s"), end("e", cancel())], "s > e", kind="transaction", inner=times(2))
    assert run(diagram([start(), transaction, mark("Z"), end()], "S > X > Z > E")).ended


def test_a_transaction_is_undone_in_reverse_order_before_its_cancel_event_fires(run):
    inside = [start("s"), *undoable("A", undone("A")), *undoable("B", undone("B")), end("e", cancel())]
    cancelled = run(
        diagram(
            [start(), sub("X", inside, "s > A > B > e", kind="transaction"), boundary("c", "X", cancel()), mark("H")],
            "S > X",
            "c > H",
        )
    )

    assert cancelled.marks == ["A", "B", "uB", "uA", "H"] and cancelled.ended


# --- errors, escalations, event sub-processes ------------------------------------------------------------------------


def test_the_handler_of_the_code_goes_before_the_one_that_takes_all_at_each_level(run):
    thrown = run(
        diagram(
            [
                start(),
                sub("P", [start("s"), end("x", error("E1"))], "s > x"),
                boundary("any", "P", error()),
                boundary("one", "P", error("E1")),
                mark("A"),
                mark("O"),
            ],
            "S > P",
            "any > A",
            "one > O",
        )
    )

    assert thrown.marks == ["O"]


def test_an_event_sub_process_catches_before_the_boundary_of_its_scope_even_when_it_takes_all(run):
    handler = event_sub("ES", [start("es", error()), mark("I")], "es > I")
    thrown = run(
        diagram(
            [
                start(),
                sub("P", [start("s"), end("x", error("E1")), handler], "s > x"),
                boundary("one", "P", error("E1")),
                mark("O"),
            ],
            "S > P",
            "one > O",
        )
    )

    assert thrown.marks == ["I"] and thrown.ended


def test_an_event_sub_process_inside_an_event_sub_process(run):
    inner = event_sub("ES2", [start("s2", message("m2"), isInterrupting=False), mark("B")], "s2 > B")
    outer = event_sub("ES", [start("s1", message()), user("U"), mark("A"), inner], "s1 > U > A")
    nested = run(diagram([start(), user("W"), outer], "S > W"))
    assert all(opened.name != "m2" for opened in nested.subscriptions.values()), "the inner one does not watch yet"

    nested.message("m").message("m2").message("m2").answer("U")

    assert nested.marks == ["B", "B", "A"] and nested.ended


def test_an_error_inside_an_event_sub_process_goes_to_the_scope_around_it(run):
    handler = event_sub("ES", [start("es", error()), end("again", error("E2"))], "es > again")
    thrown = run(
        diagram(
            [
                start(),
                sub("P", [start("s"), end("x", error("E1")), handler], "s > x"),
                boundary("b", "P", error()),
                mark("O"),
            ],
            "S > P",
            "b > O",
        )
    )

    assert thrown.marks == ["O"] and thrown.ended


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_of_a_called_process_reaches_the_boundary_of_the_call(run, interrupting):
    called = one_process("q", [start("qs"), throw("T", escalation("X1")), mark("Q")], "qs > T > Q")
    escalated = run(
        diagram(
            [
                start(),
                element("callActivity", "C", calledElement="q"),
                boundary("b", "C", escalation("X1"), interrupting=interrupting),
                mark("H"),
                mark("Z"),
            ],
            "S > C > Z",
            "b > H",
            more=called,
        )
    )

    assert sorted(escalated.marks) == (["H"] if interrupting else ["H", "Q", "Z"]) and escalated.ended


def test_an_escalation_of_a_called_instance_reaches_the_boundary_of_the_call(run):
    calling = run(
        diagram(
            [
                start(),
                element("callActivity", "C", calledElement="elsewhere"),
                boundary("b", "C", escalation("X1"), interrupting=False),
                mark("H"),
                mark("Z"),
            ],
            "S > C > Z",
            "b > H",
        )
    )
    token = next(iter(calling.children))

    calling.do(ChildEscalated(token=token, code="X1"))
    assert calling.marks == ["H"] and calling.ended is None
    calling.do(ChildEscalated(token=token, code="X2"))

    assert calling.of(EscalationUncaught)[0].code == "X2"
    assert calling.end_child().marks == ["H", "Z"]


# --- calls and global tasks ------------------------------------------------------------------------------------------


def test_a_process_that_calls_itself_without_end_is_an_incident(run):
    called = one_process("q", [start("qs"), element("callActivity", "D", calledElement="q")], "qs > D")
    stuck = run(
        diagram([start(), element("callActivity", "C", calledElement="q"), mark("Z")], "S > C > Z", more=called)
    )

    assert stuck.incident("D").kind == "fuse" and stuck.ended is None


GLOBAL = {
    "globalTask": "",
    "globalManualTask": "",
    "globalScriptTask": '<bpmn:extensionElements><zeebe:script expression="=7" resultVariable="seven"/>'
    "</bpmn:extensionElements>",
}


@pytest.mark.parametrize("kind", GLOBAL)
def test_a_global_task_runs_where_it_is_called(run, kind):
    called = element(kind, "g", GLOBAL[kind])

    done = run(diagram([start(), element("callActivity", "C", calledElement="g"), mark("Z")], "S > C > Z", more=called))

    assert done.ended and done.marks[-1] == "Z"
    assert kind != "globalScriptTask" or done.variables["seven"] == 7


def test_a_global_user_task_waits_for_its_person(run):
    called = element("globalUserTask", "g")
    waiting = run(diagram([start(), element("callActivity", "C", calledElement="g")], "S > C", more=called))

    waiting.answer("g:task")

    assert waiting.ended


def calling(binding: str) -> bytes:
    call = element("callActivity", "C", zeebe=f'<calledElement processId="elsewhere" {binding}/>')
    return diagram([start(), call], "S > C")


def test_a_call_may_be_bound_to_the_version_with_a_tag(run):
    bound = run(calling('bindingType="versionTag" versionTag="v2"'))

    assert [(each.process, each.version_tag) for each in bound.children.values()] == [("elsewhere", "v2")]


def test_a_call_bound_to_the_latest_version_names_no_tag(run):
    assert [each.version_tag for each in run(calling("")).children.values()] == [None]


@pytest.mark.parametrize(
    ("binding", "words"), [('bindingType="newest"', "is not known"), ('bindingType="versionTag"', "names none")]
)
def test_a_binding_that_says_nothing_is_refused(binding, words):
    assert refuses(calling(binding), words)


def test_a_process_may_carry_a_version_tag():
    tagged = diagram(
        ["<bpmn:extensionElements><zeebe:versionTag value='v2'/></bpmn:extensionElements>", start(), end()], "S > E"
    )

    assert definition.build(bundle(tagged)).version_tags == {"p": "v2"}


# --- gateways that begin a process, and the complex one --------------------------------------------------------------


def instantiating(kind: str) -> bytes:
    return diagram(
        [
            gateway("eventBased", "G", instantiate=True, eventGatewayType=kind),
            catch("C", message()),
            catch("D", message("m2")),
            mark("A"),
            mark("B"),
            end(),
            end("F"),
        ],
        "G > C > A > E",
        "G > D > B > F",
    )


def test_an_exclusive_event_gateway_that_begins_a_process_takes_the_first_event_only(run):
    begun = run(instantiating("Exclusive"), at="C", came=("message", "m"))

    assert begun.marks == ["A"] and begun.ended


def test_a_parallel_event_gateway_that_begins_a_process_waits_for_all_its_events(run):
    begun = run(instantiating("Parallel"), at="D", came=("message", "m2"))
    assert begun.marks == ["B"] and begun.ended is None

    begun.message("m")

    assert begun.marks == ["B", "A"] and begun.ended


def test_a_complex_gateway_whose_condition_fails_holds_its_tokens_until_it_can_decide(run):
    condition = (
        f"<bpmn:activationCondition {FORMAL}>=if broken then [1..2] else activationCount = 2</bpmn:activationCondition>"
    )
    joined = run(
        diagram(
            [start(), gateway("parallel", "P"), user("A"), user("B"), gateway("complex", "J", condition), mark("Z")],
            "S > P",
            "P > A > J",
            "P > B > J > Z",
        ),
        broken=True,
    )

    joined.answer("A")
    assert joined.incident("J").kind == "expression" and joined.marks == []
    joined.edit(broken=False).resolve("J")
    assert joined.marks == [] and not joined.incidents and joined.open_tasks == ["B"]
    joined.answer("B")

    assert joined.marks == ["Z"] and joined.ended


# --- tasks and data --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["businessRuleTask", "scriptTask", "sendTask", "serviceTask"])
def test_a_task_with_a_job_type_is_work_of_a_connector(run, kind):
    worked = run(diagram([start(), element(kind, "J", zeebe='<taskDefinition type="work"/>'), mark("Z")], "S > J > Z"))
    assert worked.of(JobQueued)[0].type == "work"

    worked.finish("J")

    assert worked.marks == ["Z"] and worked.ended


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "endEvent"])
def test_a_message_event_with_a_job_type_is_sent_by_a_connector(run, kind):
    sent = run(
        diagram(
            [start(), element(kind, "J", "<bpmn:messageEventDefinition/>", zeebe='<taskDefinition type="work"/>')],
            "S > J",
        )
    )

    assert sent.finish("J").ended


def test_a_send_task_without_message_or_connector_is_refused():
    assert refuses(diagram([start(), element("sendTask", "T"), end()], "S > T > E"), "sends nothing")


def test_data_objects_are_variables_and_data_stores_are_remarks(run):
    data = (
        '<bpmn:dataObject id="D" name="data"/><bpmn:dataObjectReference id="R" dataObjectRef="D" name="data"/>'
        '<bpmn:dataStoreReference id="DS" name="archive"/>'
    )
    written = run(diagram([start(), data, script("A", '"kept"', "data"), end()], "S > A > E"))

    assert written.variables["data"] == "kept" and written.ended


def test_what_an_association_would_compute_is_refused_with_the_way_out():
    association_inside = (
        '<bpmn:dataInputAssociation id="DA"><bpmn:targetRef>in</bpmn:targetRef>'
        f"<bpmn:assignment><bpmn:from {FORMAL}>=1</bpmn:from><bpmn:to {FORMAL}>=in</bpmn:to></bpmn:assignment>"
        "</bpmn:dataInputAssociation>"
    )

    assert refuses(diagram([start(), mark("A", association_inside)], "S > A"), "assignment of a data association")


@pytest.mark.parametrize("role", ["resourceRole", "performer", "humanPerformer", "potentialOwner"])
def test_resource_roles_of_the_standard_are_refused_with_the_way_out(role):
    inside = f'<bpmn:{role} id="R"/>'

    assert refuses(diagram([start(), user("U", inside)], "S > U"), role)
    assert refuses(diagram([inside, start(), user("U")], "S > U"), role)


def test_a_correlation_subscription_is_refused_with_the_way_out():
    inside = '<bpmn:correlationSubscription id="C" correlationKeyRef="k"/>'

    assert refuses(diagram([start(), inside, user("U")], "S > U"), "correlationSubscription")


def test_a_boundary_timer_on_a_call_ends_the_process_inside(run):
    called = one_process("q", [start("qs"), user("Q")], "qs > Q")
    interrupted = run(
        diagram(
            [start(), element("callActivity", "C", calledElement="q"), boundary("b", "C", after("PT1H")), mark("H")],
            "S > C",
            "b > H",
            more=called,
        )
    )

    interrupted.wait(hours=1)

    assert interrupted.marks == ["H"] and not interrupted.tasks and interrupted.ended


def test_a_job_of_an_iteration_may_throw_an_error_that_the_whole_activity_handles(run):
    thrown = run(
        diagram([start(), job("J", each_of("=l", "i")), boundary("b", "J", error("E1")), mark("H")], "S > J", "b > H"),
        l=[1, 2],
    )

    thrown.throw_error("J", "E1")

    assert thrown.marks == ["H"] and not thrown.jobs and thrown.ended


def test_pools_run_apart_and_their_message_flow_is_the_message_they_exchange(run):
    other = one_process("q", [start("S2", message()), mark("Y"), end("E2")], "S2 > Y > E2")
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="ours" name="Mairie" processRef="p"/>'
        '<bpmn:participant id="theirs" name="Préfecture" processRef="q"/>'
        '<bpmn:messageFlow id="mf" sourceRef="T" targetRef="S2"/></bpmn:collaboration>'
    )

    sending = run(diagram([start(), throw("T", message()), end()], "S > T > E", more=pools + other))

    assert [each.name for each in sending.of(MessagePublished)] == ["m"]
    assert sending.marks == [] and sending.ended
    assert sending.definition.processes == ("p", "q")
