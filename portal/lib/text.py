"""Vietnamese text: search without diacritics, dictionary order, the reader's language, lines.

Folding and order are the same on both databases.
"""

import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

SEARCH_LENGTH = 100
"""Characters of a search that are looked at; more words only cost time."""

_NOT_OF_A_LINE = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, format (direction, width 0), half letters, ends

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_ORDER = {letter: f"{place:02}" for place, letter in enumerate(_ALPHABET)}
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}  # huyền hỏi ngã sắc nặng


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics, đ as d, single spaces: what search compares."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def search_words(typed: str) -> str:
    """Return the words that were typed to be looked for, without what cannot be printed."""
    return " ".join("".join(c if c.isprintable() else " " for c in typed[:SEARCH_LENGTH]).split())


def one_line(text: str) -> None:
    """Refuse what breaks a line or turns its direction: names go into the heads of mails and into papers."""
    if any(unicodedata.category(c) in _NOT_OF_A_LINE for c in text):
        raise ValidationError(_("Write this in one line, without control characters."), code="one_line")


class LineField(forms.CharField):
    """One line of text in a form."""

    default_validators = [one_line]


def sort_key(text: str) -> str:
    """Return a key whose order is the Vietnamese dictionary order (Đ after D, tones last).

    Letters become "b" and two digits by their place in the alphabet, digits "a" and themselves, gaps
    between words "1"; the tones of the whole text follow after "0", so that they decide only between
    otherwise equal words. Only digits and a, b: every collation of every database orders it alike.
    """
    letters: list[str] = []
    tones: list[str] = []
    for char in unicodedata.normalize("NFC", text.lower()):
        parts = unicodedata.normalize("NFD", char)
        tone = next((_TONES[p] for p in parts if p in _TONES), "0")
        base = unicodedata.normalize("NFC", "".join(p for p in parts if p not in _TONES))
        if base in _ORDER:
            letters.append("b" + _ORDER[base])
            tones.append(tone)
        elif base.isascii() and base.isdigit():
            letters.append("a" + base)
        elif letters and letters[-1] != "1":
            letters.append("1")
    return "".join(letters).removesuffix("1") + "0" + "".join(tones)


def in_reader_language(vi: str, en: str) -> str:
    """Return the text in the reader's language; Vietnamese, the official one, where English is missing."""
    return en if en and get_language() == "en" else vi


def filled_lines(text: str) -> tuple[str, ...]:
    """Return the lines of a text field without blanks around them, empty ones left out."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
