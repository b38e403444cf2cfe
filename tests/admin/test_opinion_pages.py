"""Surveys from the step of a diagram to the figures: asked on the page, answered once, shown by version and step."""

from datetime import timedelta

from connectors.runner import Runner
from connectors.survey.connector import SurveyConnector
from tests.admin.test_connection_pages import claire
from tests.connectors.postbox import MailServer, body_of, letters
from tests.engine.bundles import a_case, a_procedure

__all__ = ["claire"]

BODY = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Ask"/>
<serviceTask id="Ask" name="Demander l’avis"><extensionElements>
  <zeebe:taskDefinition type="parvis:survey" retries="2"/>
  <zeebe:ioMapping><zeebe:input source="epic" target="measure"/>
  <zeebe:input source="=case.applicant.email" target="to"/></zeebe:ioMapping></extensionElements></serviceTask>
<sequenceFlow id="f2" sourceRef="Ask" targetRef="Done"/><endEvent id="Done"/>
"""


async def test_the_dimensions_go_from_the_diagram_to_the_figures(claire, database, now):
    before = now - timedelta(days=1)
    await a_procedure(before, BODY)
    await a_case(before)
    async with MailServer() as server:
        connector = SurveyConnector(server.post(), letters, secret=b"s", public_url="https://m.example", town="M")
        await Runner({"parvis:survey": connector}, worker="test").run_once(before)
    address = "/enquete/" + body_of(server.received[0]).split("/enquete/")[1].split()[0]

    asked = await claire.open(address)
    wrong = await claire.send(address, {"score": "", "dimension-pride": "4"}, page=address)
    kept = await claire.send(address, {"score": "5", "dimension-pride": "4", "comment": "Merci"}, page=address)
    again = await claire.send(address, {"score": "1"}, page=address)
    figures = await claire.open("/admin/chiffres/avis")

    assert "Je suis fier ou fière" in asked.text
    assert wrong.status_code == 422 and 'id="f-pride-4" value="4" checked' in wrong.text
    assert kept.status_code == 200 and "Votre avis est enregistré" in kept.text
    assert "Vous avez déjà répondu" in again.text
    for words in ("Demander l’avis", "Satisfaction et dimensions", "100 %", "Fierté"):
        assert words in figures.text
