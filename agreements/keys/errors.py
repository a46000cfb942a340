"""What this package raises."""


class KeysError(Exception):
    """Base of every error raised here."""


class WrongPin(KeysError):
    """The stored key is whole and belongs to this credential; the PIN does not open it."""


class KeyDamaged(KeysError):
    """A stored key cannot be read: altered bytes, another credential's, or another key-encryption key.

    Never the signer's fault: it must not count as a wrong PIN.
    """


class PinTooWeak(KeysError):
    """A new PIN is refused. `code`: `too_short`, `too_long`, `repeated`, `sequence`, `date`, `common`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ForeignRefused(KeysError):
    """A certificate or a list of another authority is not taken. `code` says why: see `keys.foreign`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AuthorityError(KeysError):
    """The authority's folder is missing, incomplete, or already there."""


class StampRefused(KeysError):
    """No time-stamp for this. `code`: a failure that RFC 3161, 2.4.2, names; see tokens.py."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
