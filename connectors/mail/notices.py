"""Notices: the platform's own letters (receipt, new exchange, closed report, ordinary invitations), and how they
leave."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from connectors.errors import LetterMissing
from connectors.letters import Letter, write
from connectors.mail.offices import Office
from connectors.mail.post import AddressRefused
from desk.notifications import Notice
from engine.feel.sentences import Sentence

NO_NOTICE = "There is no ordinary letter “{0}”."
FOLDER = Path(__file__).parent / "notices"


@lru_cache(maxsize=32)
def notice_text(kind: str, language: str) -> str:
    """The text of a notice. Raises `LetterMissing`."""
    path = FOLDER / f"{kind}.{'en' if language == 'en' else 'fr'}.txt"
    if not path.is_file():
        raise LetterMissing(Sentence(NO_NOTICE, (kind,)))
    return path.read_text("utf-8")


class NoticePost:
    """Implements `desk.notifications.Deliver`: `NoticePost(post, public_url, town)`."""

    def __init__(self, post: Office, public_url: str, town: str, timezone: str = "Europe/Paris") -> None:
        self.post, self.public_url, self.town, self.timezone = post, public_url.rstrip("/"), town, timezone

    async def __call__(self, notice: Notice, now: datetime) -> None:
        """Send the notice. An address refused for good counts as told: nobody can mend it, and the case page says
        the same."""
        letter = self._written(notice)
        try:
            post = await self.post.named(str(notice.values.get("connection") or ""))
            returns = self.post.returns_to(post, notice.case_id) if notice.case_id is not None else ""
            await post.send(letter, notice.to, key=str(notice.id), now=now, returns=returns)
        except AddressRefused:
            return

    def _written(self, notice: Notice) -> Letter:
        if notice.kind == "survey":
            subject, paragraphs = str(notice.values["subject"]), tuple(notice.values["paragraphs"])
            return Letter(subject=subject, paragraphs=paragraphs, language=notice.language)
        links = {"follow": f"{self.public_url}/suivi", "case": f"{self.public_url}/agent/dossiers/{notice.case_id}"}
        values = {**notice.values, "town": self.town, "links": links}
        values["follow_url"] = values.get("follow_url") or links["follow"]
        return write(notice_text(notice.kind, notice.language), values, notice.language, self.timezone)
