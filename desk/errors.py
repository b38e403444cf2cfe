"""Errors of the desk: one tree. A class's docstring is its default message; attributes carry ids, never personal
data."""

from typing import Any


class DeskError(Exception):
    """The desk could not do this."""

    def __init__(self, message: str = "", **facts: Any) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.facts = facts


class NotFound(DeskError):
    """Expected something that is here, but nothing has this key, or it is not yours."""


class DraftNotFound(NotFound):
    """Expected a draft of this browser or person, but there is none: it was discarded, has expired or is somebody
    else's."""


class AttachmentNotFound(NotFound):
    """Expected a received file, but it is not here."""


class DocumentNotFound(NotFound):
    """Expected an issued document, but it is not here."""


class ReportNotFound(NotFound):
    """Expected a report with a position, but this case has none."""


class InvitationNotFound(NotFound):
    """Expected an invitation to a survey, but this address is not one."""


class UnknownResource(NotFound):
    """Expected something that can be booked, but nothing has this name."""


class FileMissing(NotFound):
    """Expected stored bytes under this key, but the file is not there."""


class DraftAlreadyFiled(DeskError):
    """Expected an unfinished draft, but it has been filed."""


class DraftOutdated(DeskError):
    """Expected the version of the procedure in service, but the draft was begun on an older one."""


class DraftTooLarge(DeskError):
    """Expected answers of at most 512 kB, but these are larger."""


class AttachmentInfected(AttachmentNotFound):
    """Expected a harmless file, but the scanner found a virus in it: its content was deleted."""


class DraftInfected(DeskError):
    """Expected harmless files, but the answers name one in which the scanner found a virus: choose another one."""


class AttachmentHeld(DeskError):
    """Expected a scanned file, but the scanner has not seen this one yet."""


class ScannerAway(DeskError):
    """Expected a verdict of the scanner, but it does not answer."""


class TooManyAttachments(DeskError):
    """Expected at most 30 files, but this would be one more."""


class UploadRefused(DeskError):
    """Expected a file that can be kept, but this one cannot."""


class UploadTooLarge(UploadRefused):
    """Expected a smaller file."""


class UploadEmpty(UploadRefused):
    """Expected a file with something in it, but it is empty."""


class UploadKindRefused(UploadRefused):
    """Expected a PDF, a JPEG or a PNG, but the file is of another kind."""


class UploadDisguised(UploadRefused):
    """Expected content that agrees with the file's name, but it is of another kind."""


class UploadUnreadable(UploadRefused):
    """Expected a file that opens, but it is damaged or protected."""


class WordsMissing(DeskError):
    """Expected some words, but there are none."""


class WordsTooLong(DeskError):
    """Expected fewer words."""


class TooManyExchanges(DeskError):
    """Expected fewer than 500 exchanges on a case, but the limit is reached."""


class SlotTaken(DeskError):
    """Expected a free slot, but somebody else has it."""


class ResourceTwice(DeskError):
    """Expected a short name that no other resource has, but one has it."""


class OpeningsRefused(DeskError):
    """Expected openings that make a week. `piece`: the span that is wrong."""


class OpeningsUnreadable(OpeningsRefused):
    """Expected spans such as 8h–13h, separated by commas."""


class OpeningsBackwards(OpeningsRefused):
    """Expected an end after its start, or at 6:00 the next morning at the latest."""


class OpeningsOverlap(OpeningsRefused):
    """Expected spans that do not overlap. `weekday`: the day of the second one; `other`: the first one."""


class TooManyOpenings(OpeningsRefused):
    """Expected at most twelve spans a day."""


class SlotNotOffered(DeskError):
    """Expected a slot that is offered, but the place is closed then, or the time has passed."""


class KindRefused(DeskError):
    """Expected a kind of documents in small letters without accents, figures and hyphens, such as arrete."""


class RuleRefused(DeskError):
    """Expected a rule of days, weeks or months with an end (UNTIL or COUNT), of 200 dates within 400 days at most."""


class SeasonRefused(SlotTaken):
    """Expected every date of the season to be free, but some are not."""


class LinkRefused(DeskError):
    """Expected two different reports, the original not being a repeat of this one."""


class InvitationExpired(DeskError):
    """Expected an invitation that still runs, but its time is over."""


class AlreadyAnswered(DeskError):
    """Expected an unanswered invitation, but it has been answered."""


class ScoreOutOfScale(DeskError):
    """Expected a score of the scale, but it is outside."""


class NotificationNotFound(NotFound):
    """Expected a notification to send, but there is none."""
