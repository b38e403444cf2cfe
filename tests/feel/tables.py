"""Every place of a decision table where a modeller can write an expression. Data of tests."""

from collections.abc import Callable
from xml.sax.saxutils import escape


def a_table(column: str = "answers.list[1]", cell: str = "1", answer: str = "2") -> bytes:
    """A decision table of one rule."""
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="x" name="x"><decisionTable id="t"><input id="i"><inputExpression id="e">'
        f"<text>{escape(column)}</text></inputExpression></input><output id='o' name='x'/>"
        f"<rule id='r'><inputEntry><text>{escape(cell)}</text></inputEntry>"
        f"<outputEntry><text>{escape(answer)}</text></outputEntry></rule></decisionTable></decision></definitions>"
    ).encode("utf-8", "replace")


# At the places of a decision table.
TABLES: dict[str, Callable[[str], bytes]] = {
    "input column": lambda text: a_table(column=text),
    "input cell": lambda text: a_table(cell=text),
    "output cell": lambda text: a_table(answer=text),
}
