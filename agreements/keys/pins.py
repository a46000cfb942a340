"""Signing PINs: how they are read, and which new ones are refused."""

import re
import unicodedata
from datetime import date
from itertools import pairwise

from agreements.keys.errors import PinTooWeak

LEAST = 8
MOST = 64
SEPARATORS = re.compile(r"[\s.,_/\-\u2010-\u2015]+")
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb", "qazwsxedcrfvtgb", "147258369")
COMMON = frozenset(
    (
        *("password", "passw0rd", "password1", "abcd1234", "abc12345", "a1234567", "1234abcd", "iloveyou"),
        *("matkhau1", "matkhau123", "anhyeuem", "emyeuanh", "vietnam1", "quanden1"),
        *("12344321", "43211234", "10203040", "11235813", "31415926", "27182818"),
    )
)


def normalize_pin(pin: str) -> str:
    """The PIN as it is used: `2468-1357`, `2468 1357` and `24681357` are one."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", pin))


def check_pin(pin: str) -> None:
    """Refuse a new PIN that others would try first. Raises PinTooWeak.

    At least 8 characters, separators not counted. A guess costs one scrypt and five wrong ones lock the
    credential, so only the first few dozen guesses need to be kept out.
    """
    plain = normalize_pin(pin).lower()
    if len(plain) < LEAST:
        raise PinTooWeak("too_short")
    if len(plain) > MOST:
        raise PinTooWeak("too_long")
    if _is_repeated(plain):
        raise PinTooWeak("repeated")
    if _is_sequence(plain):
        raise PinTooWeak("sequence")
    if _is_date(plain):
        raise PinTooWeak("date")
    if plain in COMMON or any(plain in row or plain[::-1] in row for row in KEYBOARD):
        raise PinTooWeak("common")


def _is_repeated(plain: str) -> bool:
    """One or two characters only, or one short block over and over: 12341234, abcabcabc."""
    if len(set(plain)) <= 2:
        return True
    return any(
        plain == (plain[:period] * len(plain))[: len(plain)] for period in range(1, len(plain) // 2 + 1)
    )


def _is_sequence(plain: str) -> bool:
    """Equal steps all along, also through 9 to 0 and with each character doubled: 11223344, 86420864."""
    once = re.sub(r"(.)\1+", r"\1", plain)
    if once.isdecimal():
        return len({(int(b) - int(a)) % 10 for a, b in pairwise(once)}) == 1
    return len({ord(b) - ord(a) for a, b in pairwise(once)}) == 1


def _is_date(plain: str) -> bool:
    """Eight digits that read as a day of 1900 to 2099, in any usual order."""
    if len(plain) != 8 or not plain.isdecimal():
        return False
    numbers = [
        (plain[4:], plain[2:4], plain[:2]),
        (plain[4:], plain[:2], plain[2:4]),
        (plain[:4], plain[4:6], plain[6:]),
    ]
    return any(1900 <= int(y) <= 2099 and _exists(int(y), int(m), int(d)) for y, m, d in numbers)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
