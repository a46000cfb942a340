"""What this package raises. A code is stable and is what callers compare; the text is for the log."""


class PadesError(Exception):
    """Base of every error raised here."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class UnreadablePdf(PadesError):
    """The bytes are not a PDF that can be judged (`not_a_pdf`, `encrypted`, `malformed`, …)."""


class FreezeError(PadesError):
    """The paper cannot take these fields (`field_name`, `untagged`, `has_fields`, `page`, `font`)."""


class SigningError(PadesError):
    """No signature can be put here (`no_such_field`, `already_signed`, `not_frozen`, `cms_too_large`)."""


class AppearanceError(PadesError):
    """The visible signature cannot be drawn (`no_glyph`, `image`).

    For `no_glyph`, `character` is the letter that the embedded font does not hold.
    """

    def __init__(self, code: str, detail: str = "", *, character: str = "") -> None:
        super().__init__(code, detail)
        self.character = character


class StampError(PadesError):
    """No time-stamp (`no_stamp`): its authority is away, refused, or answered something else."""


class CandidateRefused(PadesError):
    """A would-be next revision is not exactly one signature on the head. Codes: see candidates.py."""
