"""Shapes: what requests and answers of the API look like: names in camel case, absent values said as null."""

import msgspec

TENANT = "<default>"
"""The one tenant: a Parvis is one town's."""


class Shape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One JSON object of the API."""


def camel(name: str) -> str:
    """`process_instance_key` as `processInstanceKey`."""
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)
