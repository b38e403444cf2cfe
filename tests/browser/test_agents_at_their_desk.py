"""Agents at their desk: one task and two colleagues, a session that ends, the counter, the search, the supervisor."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Meet
from tests.browser.reports import answer_quickly, report_quickly
from tests.browser.served import ServedTown
from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-agents")]


def open_case(agent: Visitor, who: str, address: str) -> None:
    """Signs in and opens the case about this address."""
    agent.sign_in(who)
    agent.page.locator("[data-row]", has_text=address).get_by_role("link").first.click()
    agent.see_title(address)


def test_the_second_of_two_agents_learns_who_was_first(
    phone: Visitor, desktop: Visitor, meet: Meet, town: ServedTown
) -> None:
    report_quickly(phone, email=None, address="1 rue des Deux-Agents")
    second = meet("desktop")
    for agent, who in ((desktop, "Bruno Leclerc"), (second, "Inès Garnier")):
        open_case(agent, who, "1 rue des Deux-Agents")
        agent.choose("Hors de notre compétence")
        agent.write("Qui est compétent", "Le département")
        agent.write("Pourquoi n’est-ce pas", "Cette route est départementale.")

    desktop.press("Valider : Examiner le signalement")
    second.press("Valider : Examiner le signalement")

    second.see("Bruno Leclerc", "Le département")
    second.look("too-late")


def test_an_agent_signed_out_while_writing_finds_the_words_again(
    phone: Visitor, desktop: Visitor, town: ServedTown
) -> None:
    report_quickly(phone, email=None, address="2 rue de la Session")
    open_case(desktop, "Bruno Leclerc", "2 rue de la Session")
    desktop.choose("Déjà signalé")
    desktop.write("Numéro du premier signalement", "2026-000777")

    town.sign_everybody_out()
    desktop.press("Valider : Examiner le signalement")
    desktop.see("Ce que vous aviez écrit est gardé")
    desktop.look("sign-in-again")
    desktop.fill_in_sign_in("Bruno Leclerc")
    desktop.see_title("Ce que vous aviez écrit est là")
    desktop.look("kept")
    desktop.press("Continuer")

    desktop.open("/agent/recherche?q=rue de la Session")
    desktop.page.locator("[data-row]").get_by_role("link").first.click()
    desktop.see("2026-000777")


def test_a_request_taken_at_the_counter_says_so(desktop: Visitor) -> None:
    desktop.sign_in("Yannick Morel")
    desktop.open("/agent/guichet")
    desktop.look("counter")
    desktop.choose("Par téléphone", "Signaler un problème dans l’espace public")
    desktop.press("Commencer")
    desktop.look("counter-question")
    answer_quickly(desktop, email="guichet@example.org", address="3 rue du Guichet", name="Odette Ferré")
    desktop.look("counter-review")
    desktop.press("Déposer la demande")
    desktop.see_title("La demande est déposée")
    desktop.look("counter-receipt")

    desktop.follow("Ouvrir le dossier")

    desktop.see("Odette Ferré", "Par téléphone")


def test_reception_finds_a_case_in_spite_of_accents_and_typing_errors(phone: Visitor, desktop: Visitor) -> None:
    report_quickly(phone, email="helene@example.org", address="4 rue de la Recherche", name="Hélène Chauveau")
    desktop.sign_in("Samira Haddad")

    desktop.page.keyboard.press("/")
    desktop.page.keyboard.type("helene chauvau")
    desktop.page.keyboard.press("Enter")

    desktop.see("Hélène Chauveau", "4 rue de la Recherche")
    desktop.look("search")
    desktop.open("/agent/recherche?q=zzzzqqqq")
    desktop.look("search-empty")


def test_a_supervisor_gives_a_task_to_somebody(phone: Visitor, desktop: Visitor, meet: Meet) -> None:
    report_quickly(phone, email=None, address="5 rue du Renfort")
    desktop.sign_in("Inès Garnier")
    desktop.open("/agent/service")
    desktop.look("department")

    desktop.page.locator("[data-row]", has_text="5 rue du Renfort").get_by_role("checkbox").check()
    desktop.page.get_by_label("Donner les tâches cochées à").select_option(label="Mehdi Brahimi")
    desktop.press("Attribuer")

    desktop.see("Les tâches ont changé de mains")
    colleague = meet("desktop")
    colleague.sign_in("Mehdi Brahimi")
    colleague.follow("Les miennes", exact=False)
    colleague.see("5 rue du Renfort")


def test_a_case_goes_to_another_department_with_a_reason_its_teller_reads(
    phone: Visitor, desktop: Visitor, meet: Meet, town: ServedTown
) -> None:
    report_quickly(phone, email="suivi@example.org", address="6 rue du Transfert")
    open_case(desktop, "Bruno Leclerc", "6 rue du Transfert")

    desktop.page.get_by_text("Transférer le dossier à un autre service").click()
    desktop.page.locator("#case-department").select_option(label="Propreté urbaine")
    desktop.page.locator("#case-reason").fill("Ce sont des gravats, pas un trou.")
    desktop.press("Transférer le dossier")

    desktop.see("Transféré. L’échéance n’a pas changé.")
    phone.follow("Suivre ma demande")
    phone.see("Propreté urbaine")
    other = meet("desktop")
    open_case(other, "Sylvie Renard", "6 rue du Transfert")
    other.see("Ce sont des gravats, pas un trou.")


def test_words_go_both_ways_between_agent_and_citizen(phone: Visitor, desktop: Visitor, town: ServedTown) -> None:
    report_quickly(phone, email="mots@example.org", address="7 rue des Mots")
    open_case(desktop, "Bruno Leclerc", "7 rue des Mots")

    desktop.write("Écrire à l’usager", "De quel côté de la rue ?")
    desktop.press("Envoyer")
    desktop.see("De quel côté de la rue ?")
    phone.follow("Suivre ma demande")
    phone.see("De quel côté de la rue ?")
    phone.write("Écrire à l’agent", "Du côté pair.")
    phone.press("Envoyer le message")
    phone.see("Votre message est envoyé")
    phone.look("follow-words")

    desktop.page.reload()
    desktop.see("Du côté pair.")


def test_the_inbox_is_worked_with_the_keyboard(phone: Visitor, desktop: Visitor) -> None:
    report_quickly(phone, email=None, address="8 rue du Clavier")
    desktop.sign_in("Bruno Leclerc")

    desktop.page.keyboard.press("?")
    expect(desktop.page.locator("#shortcuts")).to_be_visible()
    desktop.look("shortcuts")
    desktop.page.keyboard.press("Escape")
    expect(desktop.page.locator("#shortcuts")).to_be_hidden()
    desktop.page.keyboard.press("j")
    expect(desktop.page.locator("[data-row] a:focus")).to_have_count(1)
    desktop.page.keyboard.press("Enter")

    expect(desktop.page.locator("#decision")).to_be_visible()
