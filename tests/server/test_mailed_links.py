"""Mailed links: what the letters say, each in the language of who reads it."""

import pytest

from server.mailed_links import MailedLinks


@pytest.mark.parametrize(("language", "subject"), [("fr", "Votre brouillon « Salle »"), ("en", "Your draft “Salle”")])
def test_the_link_of_a_draft_is_written_with_the_day_until_which_it_opens(settings, language, subject):
    values = {"procedure": "Salle", "until": "mardi 2 mars", "link": "https://mairie.example/reprendre/x/y"}

    letter = MailedLinks(settings).write("resume-link", "marie@courriel.example", language, values)

    body = letter.get_content()
    assert (letter["To"], letter["Subject"]) == ("marie@courriel.example", subject)
    assert values["link"] in body.splitlines()
    assert "mardi 2 mars" in body
    assert "{{" not in body


def test_a_title_on_several_lines_adds_no_header_to_the_letter(settings):
    values = {"procedure": "Salle\nBcc: other@example.org", "until": "", "link": ""}

    letter = MailedLinks(settings).write("resume-link", "marie@courriel.example", "fr", values)

    assert letter["Bcc"] is None
