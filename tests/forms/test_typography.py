"""French punctuation never begins a line."""

from forms.typography import typeset


def test_double_punctuation_keeps_its_space_and_its_line():
    assert typeset("Où est-ce ? « Ici » : 12 €") == "Où est-ce\u00a0? «\u00a0Ici\u00a0»\u00a0: 12\u00a0€"


def test_what_is_no_french_punctuation_is_left_alone():
    assert typeset("12:30, https://parvis.example") == "12:30, https://parvis.example"
