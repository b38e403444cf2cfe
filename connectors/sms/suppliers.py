"""Suppliers: how each gateway wants a short message, and what its answers mean. One function a supplier, no state.

`generic` is JSON to the connection's address with the names of fields it gives; the presets are two suppliers' public
APIs, whose address and names are known.
"""

import base64
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

import msgspec

from engine.connector import Connection
from engine.encoding import json_text


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to send; `to` in international form (+33…)."""

    to: str
    text: str
    sender: str
    key: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The call that sends it."""

    path: str
    headers: dict[str, str]
    body: bytes


def generic(message: Message, connection: Connection) -> Request:
    """Any gateway that takes JSON: the names of its fields are in the connection."""
    names = (
        connection.text("to_name", "to"),
        connection.text("text_name", "text"),
        connection.text("from_name", "from"),
    )
    body = dict(zip(names, (message.to, message.text, message.sender), strict=True))
    return _json("", body, {"Authorization": f"Bearer {connection.text('secret')}"})


def brevo(message: Message, connection: Connection) -> Request:
    """Brevo, transactional SMS."""
    body = {"sender": message.sender, "recipient": message.to.lstrip("+"), "content": message.text}
    unicode = any(ord(sign) > 0xFF for sign in message.text)
    more = {"type": "transactional", "tag": message.key, "unicodeEnabled": unicode}
    return _json("v3/transactionalSMS/send", {**body, **more}, {"api-key": connection.text("secret")})


def twilio(message: Message, connection: Connection) -> Request:
    """Twilio, Programmable Messaging."""
    account = connection.text("user")
    pair = base64.b64encode(f"{account}:{connection.text('secret')}".encode()).decode()
    return Request(
        path=f"2010-04-01/Accounts/{quote(account, safe='')}/Messages.json",
        headers={"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode({"To": message.to, "From": message.sender, "Body": message.text}).encode(),
    )


SUPPLIERS: dict[str, Callable[[Message, Connection], Request]] = {
    "generic": generic,
    "brevo": brevo,
    "twilio": twilio,
}
ADDRESSES = {"brevo": "https://api.brevo.com", "twilio": "https://api.twilio.com"}
"""Where the presets are, unless the connection says otherwise."""


def _json(path: str, body: Mapping[str, object], headers: dict[str, str]) -> Request:
    return Request(path=path, headers={"Content-Type": "application/json", **headers}, body=json_text(body).encode())
