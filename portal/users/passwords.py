"""What a password must be, as OWASP ASVS 5.0 has it (V6.2): long, and neither common nor about us.

No rule on kinds of characters, and none that makes people change it: both breed Matkhau1!, Matkhau2!.
"""

import datetime as dt
import itertools
import re
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.text import fold
from portal.users.models import Role, User

SHORTEST, SHORTEST_OF_ADMINISTRATOR = 12, 15
LONGEST = 256
LEFT_OVER = 6
"""Characters that must be left when everything a stranger would try first is taken out."""

COMMON: frozenset[str] = frozenset(CommonPasswordValidator().passwords)
"""Some 20,000 passwords from known breaches, in lower case; Django brings the list, no network is asked."""

OURS = (
    *("matkhau", "password", "passphrase", "dangnhap", "quantri", "admin", "administrator", "login"),
    *("congphoihop", "phoihop", "chuongtrinh", "portal", "quansu", "quocphong", "quankhu", "quandoi"),
    *("bochihuy", "chihuytruong", "bchqs", "danquan", "quandan", "xahoi", "vietnam", "tinh", "uyban"),
    *("mattrantoquoc", "mattran", "ubnd", "ubmttq", "giamdoc", "anhyeuem", "iloveyou"),
)
"""Words of this portal and its trade, folded and without spaces."""

_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
)
SHORTEST_WORD = 3
_RUN = 4  # letters in a row, forwards or backwards, that are one keystroke to a guesser
_DATE = re.compile(r"(?:[0-3]?\d[01]?\d)?(?:19|20)\d\d(?:[01]\d[0-3]\d)?")
_SAME = re.compile(r"(.)\1{2,}")


class LengthValidator:
    """12 characters, 15 for administrators, and room for a sentence."""

    def validate(self, password: str, user: User | None = None) -> None:
        shortest = self._shortest(user)
        if len(password) < shortest:
            raise ValidationError(
                _("Too short: %(length)s characters. At least %(shortest)s are needed; spaces count.")
                % {"length": len(password), "shortest": shortest},
                code="password_too_short",
            )
        if len(password) > LONGEST:
            raise ValidationError(
                _("Too long: at most %(longest)s characters.") % {"longest": LONGEST},
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        return _(
            "At least 12 characters, 15 for administrators. Four ordinary words in a row are easy to"
            " remember and hard to guess; spaces and accents are welcome."
        )

    def _shortest(self, user: User | None) -> int:
        is_administrator = user is not None and user.pk is not None and user.role == Role.ADMINISTRATOR
        return SHORTEST_OF_ADMINISTRATOR if is_administrator else SHORTEST


class CommonValidator:
    """Not one of the passwords that every guesser tries first, however it is dressed up."""

    def validate(self, password: str, user: User | None = None) -> None:
        dressed = {password.lower().strip(), fold(password), fold(password).replace(" ", "")}
        bare = {re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text) for text in dressed}
        once = {found[1] for text in dressed | bare if (found := re.fullmatch(r"(.+?)\1+", text))}
        if (dressed | bare | once) & COMMON:
            raise ValidationError(
                _("This password is on the list of the most used ones. Choose words of your own."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return _("Not a password that many people use.")


class ContextValidator:
    """Not made of names that stand on every paper of the province: portal, agencies, the person, years."""

    def validate(self, password: str, user: User | None = None) -> None:
        left = re.sub(r"[\W_]+", "", fold(password))
        for word in sorted(set(_context_words(user)), key=len, reverse=True):
            left = left.replace(word, "")
        for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
            left = _without_runs(left, row)
        left = _SAME.sub(r"\1", _DATE.sub("", left))
        if len(left) < LEFT_OVER or left in COMMON:
            raise ValidationError(
                _(
                    "Made of things that are easy to guess: names of the portal, the agencies, your own"
                    " name, a year, or keys in a row. Add words that only you would put together."
                ),
                code="password_about_us",
            )

    def get_help_text(self) -> str:
        return _("Not made of the names of the province, its agencies or yourself, or of years.")


@action
def change(user: User, password: str, *, by: User, at: dt.datetime) -> None:
    """Give a user a new password; every session that was opened with the old one dies by it."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record("password.changed", user, by=by, at=at)


def _context_words(user: User | None) -> Iterator[str]:
    yield from OURS
    names = [settings.PROVINCE, settings.HOST_NAME]
    for agency in Agency.objects.values_list("code", "symbol", "name_vi", "name_en"):
        names += agency
    own = [user.username, user.full_name, user.email.partition("@")[0]] if user else []
    for name in [*names, *own]:
        words = re.findall(r"[a-z0-9]+", fold(name))
        # Two syllables make a Vietnamese word; single ones stand in every good sentence, too.
        pairs = ["".join(pair) for pair in itertools.pairwise(words)]
        singles = words if name in own else []
        yield from (word for word in ["".join(words), *pairs, *singles] if len(word) >= SHORTEST_WORD)


def _without_runs(text: str, row: str) -> str:
    """Take out every part of `text` that runs along `row` for a few letters."""
    place, left = 0, ""
    while place < len(text):
        length = 0
        while place + length < len(text) and text[place : place + length + 1] in row:
            length += 1
        if length < _RUN:
            left += text[place]
            length = 1
        place += length
    return left
