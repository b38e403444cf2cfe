"""The whole town in this process, with people in it: the fixtures of `tests.bad_input`."""

from tests.bad_input.conftest import application, clock, visitors

__all__ = ["application", "clock", "visitors"]
