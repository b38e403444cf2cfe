"""Builders of small bundles and of cases in them, with defaults, for the tests of the engine's verbs."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from engine import cases, deployments
from engine.actor import Actor
from engine.bundle import Bundle, bundle_of
from engine.cases import CaseFiled
from engine.filing import Applicant

CITIZEN = Actor(kind="citizen", name="Aïcha Le Gall")
AGENT = Actor(kind="agent", name="Yann Kerbrat", id=UUID(int=7), departments=("voirie",))
COLLEAGUE = Actor(kind="agent", name="Maud Prigent", id=UUID(int=8), departments=("voirie",))
ADMINISTRATOR = Actor(kind="administrator", name="Solène Roux", id=UUID(int=9))

REVIEW = """
<startEvent id="Filed"/>
<sequenceFlow id="f1" sourceRef="Filed" targetRef="Review"/>
<userTask id="Review" name="Examiner la demande">
  <extensionElements>
    <zeebe:userTask/><zeebe:formDefinition formId="review"/>
    <zeebe:taskSchedule dueDate="=case.filedAt + duration(&quot;P2D&quot;)"/>
    <zeebe:properties><zeebe:property name="parvis:publicStep" value="Votre demande est examinée"/></zeebe:properties>
  </extensionElements>
</userTask>
<sequenceFlow id="f2" sourceRef="Review" targetRef="Tell"/>
<serviceTask id="Tell" name="Écrire la réponse">
  <extensionElements>
    <zeebe:taskDefinition type="parvis:mail" retries="2"/>
    <zeebe:taskHeaders><zeebe:header key="letter" value="answer"/></zeebe:taskHeaders>
    <zeebe:ioMapping><zeebe:input source="=case.applicant.email" target="to"/></zeebe:ioMapping>
    <zeebe:properties><zeebe:property name="parvis:decision" value="granted"/></zeebe:properties>
  </extensionElements>
</serviceTask>
<boundaryEvent id="Bounced" attachedToRef="Tell"><errorEventDefinition errorRef="BOUNCED"/></boundaryEvent>
<sequenceFlow id="f3" sourceRef="Tell" targetRef="Done"/>
<sequenceFlow id="f4" sourceRef="Bounced" targetRef="Call"/>
<userTask id="Call" name="Appeler">
  <extensionElements><zeebe:userTask/><zeebe:formDefinition formId="call"/></extensionElements>
</userTask>
<sequenceFlow id="f5" sourceRef="Call" targetRef="Done"/>
<endEvent id="Done"/>
"""

MISSING_PAPER = """
<startEvent id="Filed"/>
<sequenceFlow id="f1" sourceRef="Filed" targetRef="Provide"/>
<userTask id="Provide" name="Envoyer la pièce">
  <extensionElements>
    <zeebe:userTask/><zeebe:formDefinition formId="paper"/>
    <zeebe:properties><zeebe:property name="parvis:audience" value="applicant"/></zeebe:properties>
  </extensionElements>
</userTask>
<boundaryEvent id="TooLate" attachedToRef="Provide">
  <timerEventDefinition><timeDuration xsi:type="tFormalExpression">P15D</timeDuration></timerEventDefinition>
</boundaryEvent>
<sequenceFlow id="f2" sourceRef="Provide" targetRef="Review"/>
<sequenceFlow id="f3" sourceRef="TooLate" targetRef="Closed"/>
<userTask id="Review" name="Examiner">
  <extensionElements><zeebe:userTask/><zeebe:formDefinition formId="review"/></extensionElements>
</userTask>
<sequenceFlow id="f4" sourceRef="Review" targetRef="Done"/>
<endEvent id="Done"/>
<endEvent id="Closed"><extensionElements><zeebe:properties>
  <zeebe:property name="parvis:decision" value="closed"/></zeebe:properties></extensionElements></endEvent>
"""

PAYMENT = """
<startEvent id="Filed"/>
<sequenceFlow id="f1" sourceRef="Filed" targetRef="Paid"/>
<intermediateCatchEvent id="Paid"><messageEventDefinition messageRef="payment"/></intermediateCatchEvent>
<sequenceFlow id="f2" sourceRef="Paid" targetRef="Review"/>
<userTask id="Review" name="Examiner"><extensionElements><zeebe:userTask/></extensionElements></userTask>
<sequenceFlow id="f3" sourceRef="Review" targetRef="Done"/>
<endEvent id="Done"/>
"""

DEFINITIONS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="https://parvis.example">
<error id="BOUNCED" errorCode="BOUNCED"/>
<message id="payment" name="payment"><extensionElements>
  <zeebe:subscription correlationKey="=answers.invoice"/></extensionElements></message>
<message id="alarm" name="alarm"/>
<signal id="storm" name="storm"/>
<process id="{process}" isExecutable="true">{body}</process>
</definitions>"""

FORM = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "title": "Formulaire",
    "properties": {},
}


def a_manifest(slug: str = "petition", **changes: Any) -> dict[str, Any]:
    """A complete manifest; `changes` replace its keys."""
    words = {"fr": "Pétition", "en": "Petition"}
    manifest: dict[str, Any] = {
        "slug": slug,
        "title": words,
        "summary": words,
        "process": slug,
        "department": "voirie",
        "start_forms": [{"form": "request", "title": words, "start": None}],
        "term": {"working_days": 5},
        "personal_data": {"purpose": words, "basis": words, "retention_months": 12, "recipients": words},
        "applicant": {"name": "=answers.name", "email": "=answers.email", "phone": "=answers.phone"},
        "title_of_case": '="Pétition de " + answers.name',
    }
    return manifest | changes


def a_bundle(
    body: str = REVIEW, slug: str = "petition", files: dict[str, bytes] | None = None, **changes: Any
) -> Bundle:
    """A bundle of one process with this body, its forms, and other files."""
    forms = {f"forms/{form}.schema.json": json.dumps(FORM).encode() for form in ("request", "review", "call", "paper")}
    return bundle_of(
        {
            "manifest.json": json.dumps(a_manifest(slug, **changes)).encode(),
            f"{slug}.bpmn": DEFINITIONS.format(process=slug, body=body).encode(),
            **forms,
            **(files or {}),
        }
    )


async def a_procedure(now: datetime, body: str = REVIEW, **details: Any) -> deployments.Deployment:
    """A published procedure."""
    return await deployments.publish(a_bundle(body, **details), ADMINISTRATOR, now)


async def a_case(
    now: datetime,
    procedure: str = "petition",
    answers: dict[str, Any] | None = None,
    key: str = "k1",
    applicant: Applicant | None = None,
    by: Actor = CITIZEN,
) -> CaseFiled:
    """A case filed online."""
    told = {"name": "Aïcha Le Gall", "email": "aicha@example.org", "phone": "+33 6 12 34 56 78", **(answers or {})}
    return await cases.start(
        await deployments.active_definition(procedure),
        told,
        form="request",
        origin="online",
        language="fr",
        channel="email",
        applicant=applicant,
        by=by,
        now=now,
        key=key,
        follow_url="https://mairie.example/suivi/{tracking_code}",
    )


__all__ = ["ADMINISTRATOR", "AGENT", "CITIZEN", "COLLEAGUE", "a_bundle", "a_case", "a_manifest", "a_procedure"]
