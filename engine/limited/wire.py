"""Wire: messages between this process and a limited child, each after its length. Plain values only."""

import socket
from typing import Any

import msgspec

LENGTH = 8
# A bundle with room to spare; and a child that finds more than that wrong has found enough.
LARGEST = 64 * 1024 * 1024


def send(channel: socket.socket, message: Any) -> None:
    """Send one message. Raises OSError when the other side is gone."""
    content = msgspec.msgpack.encode(message)
    channel.sendall(len(content).to_bytes(LENGTH, "big") + content)


def receive(channel: socket.socket) -> Any:
    """The next message; None when the other side is gone, or says more than is listened to. Raises OSError."""
    length = int.from_bytes(_exactly(channel, LENGTH), "big")
    if not 0 < length <= LARGEST:
        return None
    content = _exactly(channel, length)
    return msgspec.msgpack.decode(content) if len(content) == length else None


def _exactly(channel: socket.socket, length: int) -> bytes:
    """So many bytes; fewer when the other side is gone."""
    found = bytearray()
    while len(found) < length and (part := channel.recv(min(length - len(found), 1 << 20))):
        found += part
    return bytes(found)
