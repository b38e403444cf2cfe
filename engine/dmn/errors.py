"""Errors of decisions. The docstring of a class is its default message."""

from engine.feel.problems import ToldError


class DecisionError(ToldError):
    """The decision has no answer."""


class DecisionUnknown(DecisionError):
    """No decision has this id."""


class DecisionsUnreadable(DecisionError):
    """The file is not a DMN model that can be read safely."""
