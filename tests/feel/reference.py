"""Writes the reference pages of FEEL's built-in functions: `python -m tests.feel.reference`. Every example is executed.

Kept out of the product; `tests/architecture/test_feel_reference.py` fails when the pages are not what this writes.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.deadlines import town_time
from engine.dmn import read_decisions
from engine.feel import compile_expression
from engine.feel.builtins import BUILTINS, FAMILIES
from engine.feel.builtins.conversion import text_of
from engine.feel.builtins.decisions import deciding
from engine.feel.builtins.signature import Builtin, Slot
from engine.feel.problems import Run
from tests.feel.descriptions import DESCRIPTIONS

PAGES = Path(__file__).parents[2] / "docs" / "reference"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HEADINGS = {
    "conversion": ("Making values", "Fabriquer des valeurs"),
    "boolean": ("True and false", "Vrai et faux"),
    "strings": ("Texts", "Textes"),
    "lists": ("Lists", "Listes"),
    "numbers": ("Numbers", "Nombres"),
    "temporal": ("Dates and times", "Dates et heures"),
    "ranges": ("Ranges", "Intervalles"),
    "contexts": ("Contexts", "Contextes"),
    "sorting": ("Sorting", "Tri"),
    "decisions": ("Decisions of the bundle", "Décisions du paquet"),
    "working_days": ("Working days of the town", "Jours ouvrés de la commune"),
}
INTRODUCTION = {
    "en": """# FEEL: the functions

Expressions of diagrams, manifests and decision tables are written in FEEL (DMN 1.5). Every example below was executed,
with Tuesday 24 November 2026, 10:00, as the present. A `?` marks an argument that may be left out, `…` one that may be
repeated. A function that cannot answer gives `null`; `parvis feel` and the panel *Try it* say why.
French page: [feel.fr.md](feel.fr.md). Written by `python -m tests.feel.reference`; do not edit.
""",
    "fr": """# FEEL : les fonctions

Les expressions des schémas, des manifestes et des tables de décision s’écrivent en FEEL (DMN 1.5). Chaque exemple a été
exécuté, le présent étant le mardi 24 novembre 2026 à 10 h. Un `?` marque un argument facultatif, `…` un argument qui se
répète. Une fonction qui ne peut pas répondre donne `null` ; `parvis feel --language fr` et le volet *Essayer* disent
pourquoi. Page anglaise : [feel.md](feel.md). Écrit par `python -m tests.feel.reference` ; ne pas modifier.
""",
}
COLUMNS = {
    "en": ("call", "what it answers", "example", "value"),
    "fr": ("appel", "ce qu’elle répond", "exemple", "valeur"),
}
FEE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="fee" name="fee"><literalExpression><text>if resident then 5 else 8</text></literalExpression></decision>
</definitions>"""
EXAMPLES = """
abs(-3)
add working days(date("2026-11-24"), 5)
after(5, 3)
all([true, false])
any([true, false])
append([1, 2], 3)
before(3, 5)
ceiling(1.2)
coincides([1..5], [1..5])
concatenate([1], [2, 3])
contains("mairie", "air")
context([{key: "a", value: 1}])
context merge([{a: 1}, {b: 2}])
context put({a: 1}, "b", 2)
count([4, 5, 6])
date("2026-11-24")
date and time("2026-11-24T10:00:00")
decide("fee", {resident: true})
day of week(date("2026-11-24"))
day of year(date("2026-11-24"))
decimal(1/3, 2)
distinct values([1, 2, 1])
duplicate values([1, 2, 1])
duration("P3D")
during(3, [1..5])
ends with("mairie", "rie")
even(4)
exp(0)
finished by([1..5], 5)
finishes(5, [1..5])
flatten([1, [2, [3]]])
floor(1.8)
get entries({a: 1})
get value({a: 1}, "a")
includes([1..5], 3)
index of([1, 2, 1], 1)
insert before([1, 3], 2, 2)
is(1, 1.0)
is empty([])
is working day(date("2026-12-25"))
last day of month(date("2026-02-03"))
list contains([1, 2], 2)
list replace([1, 2, 3], 2, 9)
log(1)
lower case("Mairie")
matches("49000", "^[0-9]{5}$")
max(3, 7, 5)
mean([1, 2, 3])
median([1, 9, 2])
meets([1..5], [5..9])
met by([5..9], [1..5])
min(3, 7, 5)
mode([1, 2, 2])
modulo(7, 3)
month of year(date("2026-11-24"))
not(true)
now()
number("1 234,5", " ", ",")
odd(3)
overlaps([1..5], [4..9])
overlaps after([4..9], [1..5])
overlaps before([1..5], [4..9])
product([2, 3, 4])
range("[1..5]")
remove([1, 2, 3], 2)
replace("24/11/2026", "([0-9]+)/([0-9]+)/([0-9]+)", "$3-$2-$1")
reverse([1, 2, 3])
round down(1.57, 1)
round half down(2.5, 0)
round half up(2.5, 0)
round up(1.51, 1)
sort([3, 1, 2])
split("a;b;c", ";")
sqrt(16)
started by([1..5], 1)
starts(1, [1..5])
starts with("mairie", "mai")
stddev([2, 4, 4, 6])
string(12.5)
string join(["a", "b"], ", ")
string length("mairie")
sublist([1, 2, 3, 4], 2, 2)
substring("mairie", 2, 3)
substring after("nom@commune.fr", "@")
substring before("nom@commune.fr", "@")
sum([1, 2, 3])
time("10:30:00")
today()
trim("  mairie ")
union([1, 2], [2, 3])
upper case("mairie")
week of year(date("2026-11-24"))
years and months duration(date("2026-01-15"), date("2027-03-20"))
"""


def page(language: str) -> str:
    """The whole page in a language."""
    parts = [INTRODUCTION[language], *(_family(family, language) for family in FAMILIES)]
    return "\n".join(parts)


def examples() -> dict[str, str]:
    """One expression for each function, by its name."""
    return {line.partition("(")[0]: line for line in EXAMPLES.strip().splitlines()}


def _family(module: object, language: str) -> str:
    name = getattr(module, "__name__", "").rpartition(".")[2]
    heading = HEADINGS[name][0 if language == "en" else 1]
    columns = COLUMNS[language]
    rows = [_row(known, function, language) for known, function in sorted(BUILTINS.items()) if _is_of(function, module)]
    return "\n".join([f"## {heading}\n", _line(columns), _line(["---"] * len(columns)), *rows, ""])


def _is_of(function: object, module: object) -> bool:
    assert isinstance(function, Builtin)
    return function.signatures[0].python.__module__ == getattr(module, "__name__", "")


def _row(name: str, function: object, language: str) -> str:
    assert isinstance(function, Builtin)
    calls = "<br>".join(dict.fromkeys(f"`{name}({', '.join(map(_slot, way.slots))})`" for way in function.signatures))
    example = examples()[name]
    value = compile_expression(example).evaluate({"decide": deciding(_fee)}, town_time(NOW))
    return _line([calls, DESCRIPTIONS[name][language], f"`{example}`", f"`{text_of(value, Run(None))}`"])


def _fee(_: Run, decision: str, inputs: Mapping[str, Any] | None) -> Any:
    """The example's decision: residents pay 5, others 8."""
    table = read_decisions(FEE.encode())
    return table.evaluate(decision, inputs or {}, NOW).value


def _slot(slot: Slot) -> str:
    return slot.name + "?" * slot.optional + "…" * slot.variadic


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> None:
    """Writes both pages."""
    (PAGES / "feel.md").write_text(page("en"), "utf-8")
    (PAGES / "feel.fr.md").write_text(page("fr"), "utf-8")


if __name__ == "__main__":
    main()
