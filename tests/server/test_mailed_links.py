"""Mailed links: what the letters say, each in the language of who reads it."""

import pytest

from server.mailed_links import MailedLinks

LINK = "https://mairie.example/mot-de-passe/x"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_link_to_a_new_password_is_written_to_its_person(settings, language):
    values = {"name": "Marie", "link": LINK}

    letter = MailedLinks(settings).write("password-link", "marie@courriel.example", language, values)

    body = letter.get_content()
    assert letter["To"] == "marie@courriel.example"
    assert LINK in body.splitlines() and "Marie" in body
    assert "{{" not in body


def test_a_name_on_several_lines_adds_no_header_to_the_letter(settings):
    values = {"name": "Marie\nBcc: other@example.org", "link": LINK}

    letter = MailedLinks(settings).write("password-link", "marie@courriel.example", "fr", values)

    assert letter["Bcc"] is None
