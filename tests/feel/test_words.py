"""What FEEL and DMN say to people is there in French, for every code, and tells the place."""

from datetime import UTC, datetime
from string import Formatter

import pytest

from engine.dmn import coverage, findings
from engine.feel import FeelSyntaxError, compile_expression, sentences
from web.pages.language import translations

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TEMPLATES = {
    **{f"problem {code}": text for code, text in sentences.MESSAGES.items()},
    **{f"expected {code}": text for code, text in sentences.EXPECTED.items()},
    **{f"kind {kind}": text for kind, text in sentences.KINDS.items()},
    **{f"check {code}": text for code, text in sentences.CHECKS.items()},
    **{f"gap {code}": text for code, text in coverage.GAPS.items()},
    **{f"finding {code}": text for code, text in findings.MESSAGES.items()},
    "nothing": sentences.NOTHING,
    "either": sentences.EITHER,
    "both": coverage.BOTH,
    "any value": sentences.ANY_VALUE,
}
french = translations("fr").gettext


@pytest.mark.parametrize("text", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_every_sentence_of_the_languages_has_its_french(text: str) -> None:
    said = french(text)

    assert said != text or text == "{0}"
    assert placeholders(said) == placeholders(text)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_a_problem_is_said_in_french_with_the_words_it_needs() -> None:
    explained = compile_expression('amount > "10"').explain({"amount": 5}, NOW)

    said = explained.problems[0].sentence.says(french)

    assert said == "Ces deux valeurs ne se comparent pas : un nombre (« amount ») et un texte."


def test_a_syntax_error_is_said_in_french_with_its_line_and_column() -> None:
    with pytest.raises(FeelSyntaxError) as refused:
        compile_expression("if amount > 1\nthen 2")

    assert refused.value.sentence.says(french) == (
        "Ligne 2, colonne 7 : la fin de l’expression ne convient pas, il faut « else ». "
        "L’expression est « if amount > 1\nthen 2 »."
    )
