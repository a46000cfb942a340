"""What a refusal says: what is wrong with the file, and what the portal accepts."""

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.files.secrecy import first_marking
from portal.files.worker.findings import Reason
from portal.lib.errors import RuleError

ACCEPTED = ("pdf", "jpg", "jpeg", "png", "xlsx", "docx", "txt", "csv")
"""Extensions, as the field of a form offers them."""

WORDS: dict[Reason, str | Promise] = {
    Reason.EMPTY: gettext_lazy("The file is empty."),
    Reason.UNKNOWN_KIND: gettext_lazy("The portal does not know this kind of file."),
    Reason.DAMAGED: gettext_lazy("The file is damaged. Save or print it anew from its program."),
    Reason.ENCRYPTED: gettext_lazy("The file is encrypted or has a password. Save it without one."),
    Reason.SCRIPT: gettext_lazy("The file holds a script or starts a program. Print it to a new PDF."),
    Reason.EMBEDDED: gettext_lazy("The file has other files or objects inside. Upload them one by one."),
    Reason.XFA: gettext_lazy("The file is an interactive form (XFA). Print it to a new PDF."),
    Reason.TOO_MANY_PAGES: gettext_lazy("The file has more than 500 pages. Upload it in parts."),
    Reason.TOO_COMPLEX: gettext_lazy("The file is too complex to be checked. Print it to a new PDF."),
    Reason.TOO_MANY_PIXELS: gettext_lazy("The picture has more than 50 million pixels. Make it smaller."),
    Reason.TWO_KINDS: gettext_lazy("The file is two kinds of file at once. Save it anew from its program."),
    Reason.BOMB: gettext_lazy("The file unpacks to more than it may. Save it anew from its program."),
    Reason.MACRO: gettext_lazy("The file holds macros. Save it without macros."),
    Reason.EXTERNAL: gettext_lazy(
        "The file fetches content from elsewhere. Break its links and save it anew."
    ),
    Reason.NOT_UTF8: gettext_lazy("The text is not in UTF-8. Save it as UTF-8."),
    Reason.CRASHED: gettext_lazy("The file could not be checked. Save or print it anew from its program."),
    Reason.WRONG_EXTENSION: gettext_lazy("The file is of another kind than its name says."),
    Reason.NAME: gettext_lazy("The name of the file has no known ending."),
    Reason.RECALLED: gettext_lazy("This file was recalled; it must not be uploaded again."),
    Reason.MARKING: gettext_lazy(
        "The file, its name or its title carries a marking of state secrecy. State secrets must not be put "
        "into this portal: it was not kept. Report it to the officer in charge of state secrets."
    ),
}


class FileRefused(RuleError):
    """An upload is refused; nothing of it was kept. The text is for the field of the form."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(words_of(reason))


def words_of(reason: Reason) -> str:
    """Return why, and, where another file would help, what is accepted."""
    if reason is Reason.TOO_LARGE:
        why = _("The file is larger than %(limit)s MB.") % {"limit": settings.UPLOAD_LIMIT // 1024 // 1024}
    else:
        why = str(WORDS[reason])
    if reason in {Reason.MARKING, Reason.RECALLED}:
        return why
    return f"{why} {accepted()}"


def accepted() -> str:
    """Say what the portal takes."""
    return _("Accepted: PDF, JPEG, PNG, XLSX, DOCX, TXT or CSV (UTF-8), at most %(limit)s MB.") % {
        "limit": settings.UPLOAD_LIMIT // 1024 // 1024
    }


def check_words(*typed: str) -> None:
    """Refuse text that was typed and bears a marking of state secrecy. Raises RuleError."""
    if degree := first_marking(typed):
        raise RuleError(
            _("The text bears the marking “%(degree)s”. State secrets do not belong in this portal.")
            % {"degree": degree}
        )
