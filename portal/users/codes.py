"""Links and codes that are read out, typed and handed over: made here, kept only as hashes."""

import hashlib
import secrets

from django.contrib.auth.hashers import check_password, make_password

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0, 1, I, L and O, which people read for each other."""

CODE_LENGTH = 8  # 39 bits; guesses are throttled and the link is needed too
SHORT_LENGTH = 12  # 59 bits, for an address that is typed on a phone within half an hour


def new_token() -> str:
    """Return 256 random bits for a link that is clicked."""
    return secrets.token_urlsafe(32)


def new_short_token() -> str:
    """Return a token for a link that may have to be typed, in lower case."""
    return _pick(SHORT_LENGTH).lower()


def new_code() -> str:
    """Return a code such as K7PM-29QX."""
    text = _pick(CODE_LENGTH)
    return f"{text[:4]}-{text[4:]}"


def new_digits() -> str:
    """Return eight digits as they are read out, such as 4821 7730."""
    text = f"{secrets.randbelow(10**8):08}"
    return f"{text[:4]} {text[4:]}"


def _pick(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _place in range(length))


def token_sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def hash_code(code: str) -> str:
    return make_password(_plain(code))


def is_code(code: str, code_hash: str) -> bool:
    """Compare what was typed, however it was spaced, with a hash."""
    return bool(code_hash) and check_password(_plain(code), code_hash)


def _plain(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
