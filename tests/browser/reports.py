"""A pothole told by a citizen, which many stories begin with."""

from tests.browser.papers import photo
from tests.browser.visitor import Visitor


def report_a_pothole(
    citizen: Visitor, *, email: str | None, address: str = "12 rue des Tilleuls", name: str = "Camille Durand"
) -> str:
    """From the first page to the receipt, looking at every page; returns the tracking code."""
    citizen.open("/")
    citizen.look("home")
    citizen.follow("Signaler un problème dans l’espace public")
    citizen.look("incident-procedure")
    citizen.press("Commencer")
    citizen.look("incident-1-problem")
    citizen.choose("Chaussée, trottoir ou signalisation")
    citizen.press("Continuer")
    citizen.look("incident-2-place")
    citizen.write("Adresse", address)
    citizen.choose("Centre-ville")
    citizen.press("Continuer")
    citizen.look("incident-3-danger")
    citizen.choose("Non")
    citizen.press("Continuer")
    citizen.write("Décrivez le problème", "Un trou de trente centimètres devant l’école.")
    citizen.look("incident-4-description")
    citizen.press("Continuer")
    citizen.page.locator("input[type=file]").set_input_files(photo())
    if citizen.scripts:
        citizen.see("trou.jpg : ajouté")
    citizen.look("incident-5-photos")
    citizen.press("Continuer")
    if email is None:
        citizen.choose("Non, je préfère rester anonyme")
    else:
        citizen.choose("Oui, par courrier électronique")
        citizen.write("Votre nom", name)
        citizen.write("Adresse électronique", email)
    citizen.look("incident-6-you")
    citizen.press("Continuer")
    citizen.see_title("Vérifiez vos réponses")
    citizen.look("incident-7-review")
    citizen.press("Envoyer ma demande")
    citizen.see_title("Nous avons bien reçu votre demande")
    citizen.look("incident-8-receipt")
    return citizen.page.locator(".code--large").inner_text().strip()


def report_quickly(
    citizen: Visitor, *, email: str | None, address: str, name: str = "Camille Durand", danger: bool = False
) -> str:
    """The same without looking around, and without a photo."""
    citizen.open("/demarches/incident_report")
    citizen.page.get_by_role("button", name="Commencer").last.click()
    answer_quickly(citizen, email=email, address=address, name=name, danger=danger)
    citizen.press("Envoyer ma demande")
    citizen.see_title("Nous avons bien reçu votre demande")
    return citizen.page.locator(".code--large").inner_text().strip()


def answer_quickly(
    citizen: Visitor,
    *,
    email: str | None,
    address: str,
    name: str = "Camille Durand",
    located: bool = False,
    danger: bool = False,
) -> None:
    """From the first question to the review; `located` gives the position of the device too."""
    citizen.choose("Chaussée, trottoir ou signalisation")
    citizen.press("Continuer")
    citizen.write("Adresse", address)
    if located:
        citizen.press("Utiliser ma position")
        citizen.see("Votre position a été ajoutée")
    citizen.choose("Centre-ville")
    citizen.press("Continuer")
    citizen.choose("Oui" if danger else "Non")
    if danger:
        citizen.write("Quel est le danger", "Un câble électrique pend.")
    citizen.press("Continuer")
    citizen.write("Décrivez le problème", "Un trou devant le portail.")
    citizen.press("Continuer")
    citizen.press("Continuer")
    citizen.choose("Non, je préfère rester anonyme" if email is None else "Oui, par courrier électronique")
    if email is not None:
        if not citizen.scripts:
            citizen.press("Continuer")
        citizen.write("Votre nom", name)
        citizen.write("Adresse électronique", email)
    citizen.press("Continuer")
