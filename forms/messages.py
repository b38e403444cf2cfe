"""Messages: the closed list of what forms may say. Code returns (message id, parameters); gettext catalogues hold the
words.

The English sentence is the id; `locale/fr/LC_MESSAGES/forms.po` holds the French. A test checks that none is missing.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

import msgspec


class Said(StrEnum):
    """Every message of this floor."""

    ENTER = "%(label)s: enter an answer."
    CHOOSE = "%(label)s: choose an answer."
    CHOOSE_SOME = "%(label)s: choose at least one answer."
    ENTER_DATE = "%(label)s: enter a date."
    ATTACH = "%(label)s: add at least one file."
    TICK = "%(label)s: tick the box to continue."
    SIGN = "%(label)s: type your first and last name."
    ADD_ITEM = "%(label)s: add at least one."
    TOO_SHORT = "%(label)s: write at least %(limit)s characters."
    TOO_LONG = "%(label)s: write at most %(limit)s characters (there are %(length)s)."
    FORM = "%(label)s: check what you typed, it does not have the expected form."
    FORM_HINT = "%(label)s: check what you typed. %(hint)s"
    EMAIL = "%(label)s: enter a full address, such as name@example.fr."
    PHONE = "%(label)s: enter a full number, such as 06 12 34 56 78 or +44 20 7946 0958."
    SIRET = "%(label)s: enter the 14 digits of the SIRET number."
    IBAN = "%(label)s: enter a full IBAN, such as FR76 and 23 more characters."
    LINK = "%(label)s: enter a full address, such as https://example.fr."
    NUMBER = "%(label)s: enter a number, such as 12 or 12.50."
    WHOLE_NUMBER = "%(label)s: enter a whole number, without decimals."
    CENTS = "%(label)s: enter an amount with two decimals at most, such as 12.50."
    AT_LEAST = "%(label)s: enter %(limit)s or more."
    AT_MOST = "%(label)s: enter %(limit)s or less."
    MORE_THAN = "%(label)s: enter more than %(limit)s."
    LESS_THAN = "%(label)s: enter less than %(limit)s."
    MULTIPLE = "%(label)s: enter a multiple of %(limit)s."
    NO_SUCH_DATE = "%(label)s: this date does not exist, check the day, the month and the year."
    DATE_PART_DAY = "%(label)s: add the day."
    DATE_PART_MONTH = "%(label)s: add the month."
    DATE_PART_YEAR = "%(label)s: add the year, with four digits."
    DATE_FROM = "%(label)s: choose a day from %(limit)s."
    DATE_UNTIL = "%(label)s: choose a day until %(limit)s."
    MOMENT = "%(label)s: enter a day and a time, such as 24/11/2026 14:30."
    TIME = "%(label)s: enter a time, such as 14:30."
    NOT_OFFERED = "%(label)s: choose one of the answers offered."
    SLOT_GONE = "%(label)s: this slot is no longer free, choose another one."
    AT_LEAST_ITEMS = "%(label)s: give at least %(limit)s."
    AT_MOST_ITEMS = "%(label)s: give at most %(limit)s."
    TWICE = "%(label)s: the same answer is given twice."
    NOT_NEEDED = "%(label)s: leave this empty."
    INVALID = "%(label)s: check this answer."
    INVALID_WHOLE = "Some answers do not fit together: check them before you continue."
    ONE_OF_THESE = "Answer at least one of these questions: %(labels)s."
    ONLY_ONE_OF_THESE = "Answer one of these questions, and only one: %(labels)s."
    AT_LEAST_ANSWERS = "Answer at least %(limit)s questions."
    AT_MOST_ANSWERS = "Answer at most %(limit)s questions."
    AT_LEAST_ANSWERS_OF = "%(label)s: answer at least %(limit)s questions."
    AT_MOST_ANSWERS_OF = "%(label)s: answer at most %(limit)s questions."
    OWN_WORDS = "%(label)s: %(words)s"
    YES = "Yes"
    NO = "No"
    NOT_ANSWERED = "Not answered"
    ACCEPTED = "Accepted"


class Message(msgspec.Struct, frozen=True):
    """A message id and what to put in it, numbers and dates already written in the reader's language."""

    id: str
    params: dict[str, str] = {}


class Problem(msgspec.Struct, frozen=True):
    """Something to mend in the answers. `pointer` is a JSON pointer; `field_id` is the id on the page; `label` names
    the question.
    """

    pointer: str
    field_id: str
    label: str
    message: Message


@lru_cache(4096)
def as_subject(label: str) -> str:
    """A label at the head of a message: “Y aura-t-il de la musique ?” loses its question mark before “ :
    choisissez…”.
    """
    return label.rstrip(" ?:\u00a0\u202f") or label


def say(message: Message, gettext: Callable[[str], str]) -> str:
    """The sentence, through a gettext function of the reader's language."""
    return gettext(message.id) % message.params if message.params else gettext(message.id)
