"""The story of a birth certificate: told beforehand where the act is kept, looked for in the register, sent by post."""

import pytest

from tests.browser.papers import certificate
from tests.browser.served import ServedTown
from tests.browser.visitor import Visitor, link_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-civil-status")]


def ask_for_a_birth_certificate(
    citizen: Visitor,
    *,
    email: str,
    quality: str = "Moi-même",
    given_names: str = "Noémie Jeanne",
    look: bool = True,
) -> None:
    """A full copy by post, from the page of the procedure to the receipt."""
    seen = citizen.look if look else (lambda screen: None)
    citizen.open("/demarches/civil_status_certificate")
    seen("birth-procedure")
    citizen.page.get_by_role("button", name="naissance").click()
    citizen.choose("Oui")
    seen("birth-1-where")
    citizen.press("Continuer")
    citizen.choose("Copie intégrale")
    citizen.press("Continuer")
    citizen.choose(quality)
    seen("birth-3-link")
    citizen.press("Continuer")
    citizen.write("Jour", "14")
    citizen.write("Mois", "7")
    citizen.write("Année", "1990")
    citizen.write("Prénoms de la personne", given_names)
    citizen.write("Nom de naissance", "Lefèvre")
    citizen.write("Noms et prénoms des parents", "Paul Lefèvre et Marie Caron")
    seen("birth-4-person")
    citizen.press("Continuer")
    citizen.page.locator("input[type=file]").first.set_input_files(certificate("identite.pdf"))
    if citizen.scripts:
        citizen.see("identite.pdf : ajouté")
    seen("birth-5-papers")
    citizen.press("Continuer")
    citizen.write("Votre prénom", "Noémie")
    citizen.write("Votre nom", "Lefèvre")
    citizen.write("Votre adresse postale", "2 rue du Port\n49000 Saint-Martin-sur-Loire")
    citizen.write("Adresse électronique", email)
    citizen.press("Continuer")
    citizen.choose("Par courrier, à mon adresse")
    seen("birth-7-dispatch")
    citizen.press("Continuer")
    citizen.see_title("Vérifiez vos réponses")
    seen("birth-8-review")
    citizen.press("Envoyer ma demande")
    citizen.see_title("Nous avons bien reçu votre demande")


def test_a_full_copy_is_found_in_the_register_and_posted(phone: Visitor, desktop: Visitor, town: ServedTown) -> None:
    ask_for_a_birth_certificate(phone, email="noemie@example.org")

    desktop.sign_in("Julien Caron")
    desktop.open_task("Rechercher l’acte dans le registre", "Noémie Jeanne")
    desktop.see("Noémie Jeanne", "identite.pdf")
    desktop.look("birth-case-search")
    desktop.choose("Acte trouvé, copie établie")
    desktop.page.get_by_label("Copie intégrale").check()
    desktop.page.get_by_label("Par courrier").check()
    desktop.press("Valider : Rechercher l’acte dans le registre")
    desktop.open("/agent")
    desktop.wait_to_see("Poster la copie")
    desktop.open_task("Poster la copie", "Noémie Jeanne")
    desktop.set_day("Postée le", town.today())
    desktop.look("birth-case-post")
    desktop.press("Valider : Poster la copie")

    town.mail("noemie@example.org", "la copie est partie par courrier")
    phone.follow("Suivre ma demande")
    phone.look("birth-9-follow")
    town.live_on(days=12)
    invitation = town.mail("noemie@example.org", "votre avis compte")
    phone.give_opinion(link_in(invitation.text, "/enquete/"), 5, "Très simple.")


def test_who_was_born_elsewhere_is_told_where_to_write_before_filing(phone: Visitor) -> None:
    phone.open("/demarches/civil_status_certificate")
    phone.page.get_by_role("button", name="naissance").click()

    phone.choose("Non")
    phone.see("Seule la mairie du lieu de naissance détient l’acte")
    phone.press("Continuer")

    phone.see("nous ne détenons pas cet acte")
    phone.look("birth-elsewhere")


def test_somebody_without_a_right_to_the_copy_reads_why_and_what_to_do(
    phone: Visitor, desktop: Visitor, town: ServedTown
) -> None:
    ask_for_a_birth_certificate(
        phone, email="curieux@example.org", quality="Une autre personne", given_names="Gaspard", look=False
    )

    desktop.sign_in("Odile Perrot")
    desktop.open_task("Vérifier le droit du demandeur", "Gaspard")
    desktop.choose("Non, la copie est refusée")
    desktop.write("Raison du refus", "Vous n’êtes ni la personne ni un proche.")
    desktop.write("Ce que le demandeur peut faire", "Demandez un extrait sans filiation.")
    desktop.press("Valider : Vérifier le droit du demandeur")

    refused = town.mail("curieux@example.org", "ne peut pas vous être délivrée")
    assert "Demandez un extrait sans filiation." in refused.text


def test_the_certificate_is_asked_for_without_javascript(without_javascript: Visitor, town: ServedTown) -> None:
    ask_for_a_birth_certificate(without_javascript, email="papier@example.org", given_names="Basile")

    town.mail("papier@example.org", "")
