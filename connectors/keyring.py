"""Keyring: the keys of the vault: those of the settings, else those of a file beside the data, made at first use. One
key a line, newest first; never in the database."""

import os
import secrets
from pathlib import Path

KEPT = 2
NAME = "connections-key"


class Keyring:
    """`given` (settings) takes the place of the file `folder/connections-key`."""

    def __init__(self, folder: Path, given: tuple[str, ...] = ()) -> None:
        self.path, self.given = folder / NAME, given

    def keys(self) -> tuple[str, ...]:
        """Every key, newest first; one is made when there is none."""
        if self.given:
            return self.given
        if not self.path.exists():
            self._create()
        return tuple(line for line in self.path.read_text("ascii").split() if line)

    def add(self) -> bool:
        """Put a new key before the others and forget the oldest; False when the keys are the settings' to change."""
        if self.given:
            return False
        kept = [secrets.token_hex(32), *self.keys()][:KEPT]
        written = self.path.with_suffix(".new")
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("\n".join(kept) + "\n")
        os.replace(written, self.path)
        return True

    def _create(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Written whole before it has its name: another process must never read half a key.
        written = self.path.with_name(f"{NAME}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
        try:
            os.link(written, self.path)
        except FileExistsError:
            pass
        finally:
            written.unlink()
