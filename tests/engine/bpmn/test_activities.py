"""Activities: tasks, sub-processes, calls, loops, multi-instance, ad-hoc."""

from engine.effects import ChildStarted, JobQueued
from tests.engine.bpmn.diagrams import (
    after,
    boundary,
    cancel,
    compensate,
    diagram,
    each_of,
    element,
    end,
    error,
    event_sub,
    gateway,
    job,
    loop,
    mark,
    one_process,
    script,
    start,
    sub,
    times,
    user,
)


def test_none_and_manual_tasks_pass_at_once(run):
    passed = run(diagram([start(), mark("A"), element("manualTask", "M"), mark("B"), end()], "S > A > M > B > E"))

    assert passed.marks == ["A", "B"] and passed.ended


def test_a_job_goes_out_with_its_input_headers_and_case(run):
    zeebe = (
        '<taskHeaders><header key="letter" value="receipt"/></taskHeaders>'
        '<ioMapping><input source="=answers.mail" target="to"/></ioMapping>'
    )
    queued = run(
        diagram([start(), job("J", type="parvis:mail", zeebe=zeebe), end()], "S > J > E"),
        answers={"mail": "a@b.fr"},
        case={"reference": "R1"},
    )

    sent = queued.of(JobQueued)[0]
    queued.finish("J", result=1)

    assert (sent.type, sent.input, sent.headers) == ("parvis:mail", {"to": "a@b.fr"}, {"letter": "receipt"})
    assert sent.case == {"reference": "R1"} and sent.retries == 3
    assert queued.variables["result"] == 1 and "to" not in queued.variables and queued.ended


def test_a_job_may_patch_the_case(run):
    routed = run(diagram([start(), job("J"), end()], "S > J > E"), case={"department": "a", "reference": "R1"})

    routed.finish("J", case={"department": "b"})

    assert routed.variables["case"] == {"department": "b", "reference": "R1"}


def test_the_answers_of_a_task_land_in_the_variable_named_like_its_form(run):
    asked = run(diagram([start(), user("U", form="review"), end()], "S > U > E"))

    asked.answer("U", ok=True)

    assert asked.variables == {"review": {"ok": True}}


def test_the_output_mapping_of_a_task_sees_its_fields_and_its_form(run):
    zeebe = (
        '<ioMapping><output source="=ok" target="decision.granted"/><output source="=review" target="all"/></ioMapping>'
    )
    asked = run(diagram([start(), user("U", form="review", zeebe=zeebe), end()], "S > U > E"), decision={"by": "x"})

    asked.answer("U", ok=True)

    assert asked.variables == {"decision": {"by": "x", "granted": True}, "all": {"ok": True}}


def test_a_sub_process_keeps_its_mapped_variables_to_itself_and_writes_known_ones_outwards(run):
    zeebe = '<ioMapping><input source="=x + 1" target="y"/></ioMapping>'
    nested = run(
        diagram(
            [
                start(),
                sub("P", [start("s"), script("A", "y + 1", "x"), script("B", "9", "y")], "s > A > B", zeebe=zeebe),
            ],
            "S > P",
        ),
        x=1,
    )

    assert nested.variables == {"x": 3}


def test_activities_without_incoming_flow_start_and_end_by_themselves(run):
    loose = run(diagram([mark("A"), mark("B")]))

    assert loose.marks == ["A", "B"] and loose.ended


def test_a_call_of_a_process_of_the_bundle_runs_inside(run):
    called = run(
        diagram(
            [start(), element("callActivity", "C", calledElement="q"), mark("Z")],
            "S > C > Z",
            more=one_process("q", [start("qs"), script("qa", "x + 1", "x"), script("qb", "7", "y")], "qs > qa > qb"),
        ),
        x=1,
    )

    assert called.variables == {"x": 2, "y": 7} and called.marks == ["Z"]


def test_a_call_of_another_procedure_starts_a_child_and_takes_its_result_or_error(run):
    diagram_ = diagram(
        [
            start(),
            element("callActivity", "C", zeebe='<calledElement processId="other"/>'),
            boundary("b", "C", error("E1")),
            mark("A"),
            mark("H"),
        ],
        "S > C > A",
        "b > H",
    )
    done, failed = run(diagram_, x=1), run(diagram_)

    started = done.of(ChildStarted)[0]
    done.end_child(y=2)
    failed.end_child(error="E1")

    assert (started.process, started.variables) == ("other", {"x": 1})
    assert done.marks == ["A"] and done.variables["y"] == 2 and failed.marks == ["H"]


def test_an_error_of_a_called_process_reaches_the_boundary_of_the_call(run):
    caught = run(
        diagram(
            [
                start(),
                element("callActivity", "C", calledElement="q"),
                boundary("b", "C", error("E1")),
                mark("A"),
                mark("H"),
            ],
            "S > C > A",
            "b > H",
            more=one_process("q", [start("qs"), end("qe", error("E1"))], "qs > qe"),
        )
    )

    assert caught.marks == ["H"] and caught.ended


def test_a_parallel_multi_instance_gathers_its_results_in_the_order_of_the_items(run):
    zeebe = '<ioMapping><output source="=opinion" target="opinion"/></ioMapping>'
    asked = run(
        diagram(
            [
                start(),
                user("U", each_of("=services", "service", results="opinions", result="=opinion"), zeebe=zeebe),
                mark("Z"),
            ],
            "S > U > Z",
        ),
        services=["roads", "parks"],
    )
    first, second = list(asked.tasks)

    asked.tasks = {second: asked.tasks[second], first: asked.tasks[first]}
    asked.answer("U", opinion="no").answer("U", opinion="yes")

    assert asked.variables["opinions"] == ["yes", "no"] and "opinion" not in asked.variables and asked.marks == ["Z"]


def test_a_sequential_multi_instance_runs_one_after_the_other(run):
    asked = run(diagram([start(), user("U", each_of("=l", "i", sequential=True)), mark("Z")], "S > U > Z"), l=[1, 2, 3])

    counts = [len(asked.answer("U").tasks) for _ in range(3)]

    assert counts == [1, 1, 0] and asked.ended


def test_a_completion_condition_ends_a_multi_instance_and_withdraws_the_rest(run):
    asked = run(diagram([start(), user("U", times(3, until="=nrOfCompletedInstances = 2")), mark("Z")], "S > U > Z"))

    asked.answer("U").answer("U")

    assert asked.marks == ["Z"] and not asked.tasks and asked.ended


def test_a_boundary_timer_cancels_every_instance(run):
    late = run(
        diagram(
            [start(), user("U", times(3)), boundary("b", "U", after("PT1H")), mark("Z"), mark("H")],
            "S > U > Z",
            "b > H",
        )
    )

    late.answer("U").wait(hours=1)

    assert late.marks == ["H"] and not late.tasks and late.ended


def test_a_multi_instance_over_nothing_passes(run):
    assert run(diagram([start(), user("U", each_of("=l", "i")), mark("Z")], "S > U > Z"), l=[]).marks == ["Z"]


def test_a_multi_instance_sub_process_has_a_scope_per_iteration(run):
    inner = [start("s"), script("A", "item * 2", "double"), user("U")]
    looped = each_of("=l", "item", results="doubles", result="=double")
    gathered = run(diagram([start(), sub("P", inner, "s > A > U", inner=looped)], "S > P"), l=[1, 2])

    gathered.answer("U").answer("U")

    assert gathered.ended


def test_a_multi_instance_over_something_else_than_a_list_is_an_incident(run):
    stuck = run(diagram([start(), user("U", each_of("=l", "i")), mark("Z")], "S > U > Z"), l="text")

    incident = stuck.incident("U")
    stuck.edit(l=[]).resolve("U")

    assert incident.kind == "expression" and stuck.marks == ["Z"]


def test_a_standard_loop_repeats_while_its_condition_holds(run):
    inner = [start("s"), script("A", "n + 1", "n"), mark("M")]
    looped = run(diagram([start(), sub("P", inner, "s > A > M", inner=loop("=n < 3")), mark("Z")], "S > P > Z"), n=0)
    never = run(diagram([start(), mark("A", loop("=false", testBefore=True)), mark("Z")], "S > A > Z"))

    assert looped.marks == ["M", "M", "M", "Z"] and looped.variables["n"] == 3
    assert never.marks[-1] == "Z" and never.ended


def test_an_ad_hoc_sub_process_runs_its_activities_until_its_condition_holds(run):
    condition = "<bpmn:completionCondition>=k = 1</bpmn:completionCondition>"
    inner = [script("A", "1", "k"), mark("B")]
    over = run(
        diagram(
            [start(), sub("H", inner, inner=condition, kind="adHocSubProcess", ordering="Sequential"), mark("Z")],
            "S > H > Z",
        ),
        k=0,
    )
    both = run(diagram([start(), sub("H", [mark("A"), mark("B")], kind="adHocSubProcess"), mark("Z")], "S > H > Z"))

    assert over.marks == ["Z"] and both.marks == ["A", "B", "Z"]


def test_quantities_multiply_and_gather_tokens(run):
    counted = run(
        diagram([start(), mark("A", completionQuantity=2), mark("B"), mark("C", startQuantity=2)], "S > A > B > C")
    )

    assert counted.marks == ["A", "B", "B", "C"] and counted.ended


def undoable(name: str) -> list[str]:
    """A mark with a compensation handler `c…`."""
    return [
        mark(name),
        boundary(f"b{name}", name, compensate()),
        mark(f"c{name}", isForCompensation=True),
        f'<bpmn:association id="as{name}" sourceRef="b{name}" targetRef="c{name}"/>',
    ]


def throw_compensation(name: str, activity: str = "") -> str:
    return element("intermediateThrowEvent", name, compensate(activity))


def test_compensation_undoes_in_reverse_order(run):
    undone = run(
        diagram(
            [start(), *undoable("A"), *undoable("B"), throw_compensation("t"), mark("Z"), end()],
            "S > A > B > t > Z > E",
        )
    )

    assert undone.marks == ["A", "B", "cB", "cA", "Z"] and undone.ended


def test_compensation_of_one_activity_leaves_the_others(run):
    undone = run(diagram([start(), *undoable("A"), *undoable("B"), end("t", compensate("A"))], "S > A > B > t"))

    assert undone.marks == ["A", "B", "cA"] and undone.ended


def test_compensation_waits_for_handlers_that_wait(run):
    handler = '<bpmn:association id="as" sourceRef="bA" targetRef="cA"/>'
    waiting = run(
        diagram(
            [
                start(),
                mark("A"),
                boundary("bA", "A", compensate()),
                user("cA", isForCompensation=True),
                handler,
                *undoable("B"),
                throw_compensation("t"),
                mark("Z"),
            ],
            "S > A > B > t > Z",
        )
    )
    before = list(waiting.marks)

    waiting.answer("cA")

    assert before == ["A", "B", "cB"] and waiting.marks == ["A", "B", "cB", "Z"] and waiting.ended


def test_compensation_of_a_completed_sub_process_undoes_what_is_inside(run):
    undone = run(
        diagram(
            [
                start(),
                sub("P", [start("s"), *undoable("A"), end("e")], "s > A > e"),
                user("U"),
                throw_compensation("t", "P"),
                mark("Z"),
            ],
            "S > P > U > t > Z",
        )
    )

    undone.answer("U")

    assert undone.marks == ["A", "cA", "Z"] and undone.ended


def test_a_compensation_event_sub_process_undoes_for_the_whole_sub_process(run):
    handler = event_sub("ES", [start("es", compensate()), mark("H")], "es > H")
    undone = run(
        diagram(
            [
                start(),
                sub("P", [start("s"), mark("A"), handler], "s > A"),
                user("U"),
                throw_compensation("t"),
                mark("Z"),
            ],
            "S > P > U > t > Z",
        )
    )

    undone.answer("U")

    assert undone.marks == ["A", "H", "Z"] and undone.ended


def test_compensation_of_a_repeated_sub_process_undoes_every_iteration(run):
    inner = sub("P", [start("s"), *undoable("A")], "s > A", inner=times(2))
    undone = run(diagram([start(), inner, user("U"), throw_compensation("t"), mark("Z")], "S > P > U > t > Z"))

    undone.answer("U")

    assert undone.marks == ["A", "A", "cA", "cA", "Z"] and undone.ended


def test_nothing_to_compensate_passes(run):
    assert run(diagram([start(), throw_compensation("t"), mark("Z")], "S > t > Z")).marks == ["Z"]


def test_a_cancelled_transaction_is_undone_then_leaves_by_its_cancel_event(run):
    undone = run(
        diagram(
            [
                start(),
                sub(
                    "T",
                    [start("s"), gateway("parallel", "G"), user("U"), *undoable("A"), end("x", cancel())],
                    "s > G > A > x",
                    "G > U",
                    kind="transaction",
                ),
                boundary("b", "T", cancel()),
                mark("H"),
                mark("N"),
            ],
            "S > T > N",
            "b > H",
        )
    )

    assert undone.marks == ["A", "cA", "H"] and not undone.tasks and undone.ended


def test_an_error_leaves_a_transaction_without_undoing(run):
    failed = run(
        diagram(
            [
                start(),
                sub("T", [start("s"), *undoable("A"), end("x", error("E1"))], "s > A > x", kind="transaction"),
                boundary("b", "T", error("E1")),
                mark("H"),
                mark("N"),
            ],
            "S > T > N",
            "b > H",
        )
    )

    assert failed.marks == ["A", "H"]


def test_a_script_of_feel_writes_its_result_into_its_variable(run):
    computed = run(diagram([start(), script("A", "price * 1.2", "total"), mark("Z"), end()], "S > A > Z > E"), price=10)

    assert computed.variables["total"] == 12 and computed.marks == ["Z"] and computed.ended
