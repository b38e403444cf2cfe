"""FEEL, the expression language of DMN 1.5: conditions, mappings, due dates and decision tables are written in it.

`compile_expression` and `compile_unary_tests` give compiled expressions; the engine evaluates them over the variables
of a scope.
Never reads the clock and never reaches outside the values given.
"""

from engine.feel.expression import Explained, Expression, compile_expression, compile_unary_tests
from engine.feel.problems import FeelError, FeelSyntaxError, LimitExceeded, Problem

__all__ = [
    "Explained",
    "Expression",
    "FeelError",
    "FeelSyntaxError",
    "LimitExceeded",
    "Problem",
    "compile_expression",
    "compile_unary_tests",
]
