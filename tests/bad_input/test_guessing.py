"""Guessing: passwords and tracking codes are counted, and every wrong answer is the same answer."""

import re

from accounts import passwords, people
from tests.bad_input.visitors import a_report_procedure, filed
from tests.web.conftest import hidden_fields


def without_what_was_typed(answer, *typed: str) -> str:
    """The page less the visitor's own words and token."""
    text = re.sub(r'name="csrf" value="[^"]*"', "", answer.text)
    for word in typed:
        text = text.replace(word, "")
    return text


async def test_a_wrong_code_and_a_wrong_address_are_answered_word_for_word_alike(visitors, now):
    await a_report_procedure(now)
    code = await filed(await visitors.stranger())
    stranger = await visitors.stranger()
    csrf = hidden_fields((await stranger.open("/suivi")).text)["csrf"]
    guesses = [(code, "autre@courriel.example"), ("AAAA-BBBB-CCCC-DDDD", "marie@courriel.example")]

    answers = [
        await stranger.client.post("/suivi", data={"csrf": csrf, "code": tried, "email": email})
        for tried, email in guesses
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    pages = {without_what_was_typed(answer, *guess) for answer, guess in zip(answers, guesses, strict=True)}
    assert len(pages) == 1


async def test_the_address_of_a_request_tells_nobody_whether_it_exists(visitors, now):
    await a_report_procedure(now)
    code = await filed(await visitors.stranger())
    stranger = await visitors.stranger()
    await stranger.open("/suivi")

    known, unknown = await stranger.open(f"/suivi/{code}"), await stranger.open("/suivi/AAAABBBBCCCCDDDD")

    assert known.status_code == unknown.status_code
    assert without_what_was_typed(known, code) == without_what_was_typed(unknown, "AAAABBBBCCCCDDDD")


async def test_twenty_codes_from_one_address_are_enough(visitors, now):
    stranger = await visitors.stranger()
    csrf = hidden_fields((await stranger.open("/suivi")).text)["csrf"]

    answers = [
        await stranger.client.post("/suivi", data={"csrf": csrf, "code": f"CODE{n:04}", "email": "a@b.example"})
        for n in range(21)
    ]

    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert "Réessayez" in answers[-1].text


async def test_the_seventh_password_waits_even_when_it_is_right(visitors, now):
    hashed = await passwords.hash_password("le marché du samedi")
    await people.add(name="Ana Ruiz", email="ana@ville.example", password_hash=hashed, now=now)
    stranger = await visitors.stranger()
    csrf = hidden_fields((await stranger.open("/connexion")).text)["csrf"]
    tried = ["faux"] * 6 + ["le marché du samedi"]

    answers = [
        await stranger.client.post(
            "/connexion", data={"csrf": csrf, "email": "Ana@Ville.example", "password": password}
        )
        for password in tried
    ]

    assert [answer.status_code for answer in answers] == [422] * 6 + [429]
    assert int(answers[-1].headers["retry-after"]) <= 900


async def test_an_unknown_address_and_a_wrong_password_are_answered_alike(visitors, now):
    hashed = await passwords.hash_password("le marché du samedi")
    await people.add(name="Ana Ruiz", email="ana@ville.example", password_hash=hashed, now=now)
    stranger = await visitors.stranger()
    csrf = hidden_fields((await stranger.open("/connexion")).text)["csrf"]

    answers = [
        await stranger.client.post("/connexion", data={"csrf": csrf, "email": email, "password": "faux"})
        for email in ("ana@ville.example", "non@ville.example")
    ]

    known, unknown = (without_what_was_typed(each, "ana@", "non@") for each in answers)
    assert known == unknown
