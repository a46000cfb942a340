"""What the paper's font can print, and in which form."""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from fontTools.ttLib import TTFont

from portal.lib.errors import RuleError

FONT_DIR = Path(__file__).parent / "fonts"
FACES = ("Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf", "Tinos-BoldItalic.ttf")
UNPRINTABLE = "?"
EXCERPT_LENGTH = 60  # characters of the offending text that a message repeats


class PaperError(RuleError):
    """The paper cannot be made of this content; the text says which part and why."""


def printed(text: str) -> str:
    """Return the text as the paper prints it: NFC, each run of white space one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@cache
def letters() -> frozenset[str]:
    """Every character that all four faces can print."""
    faces = []
    for name in FACES:
        with TTFont(FONT_DIR / name, lazy=True) as font:
            faces.append({chr(code) for code in font.getBestCmap()})
    return frozenset(set.intersection(*faces))


def replaced(value: Any) -> Any:
    """Return texts, or lists and dicts of them, as the paper can print them; what it cannot reads “?”."""
    if isinstance(value, dict):
        return {name: replaced(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [replaced(part) for part in value]
    if not isinstance(value, str):
        return value
    return "".join(letter if _has(letter) else UNPRINTABLE for letter in printed(value))


def _has(letter: str) -> bool:
    return not unicodedata.category(letter).startswith("C") and letters().issuperset(letter + letter.upper())


def check_letters(text: str) -> None:
    """Refuse a text with a character that the font lacks, or that prints nothing.

    Looks at capitals too, because agencies' names are printed in capitals. Invisible characters
    (zero width, direction marks) are refused even where the font has them: they can make a page
    read differently from what is stored.

    Raises:
        PaperError: names the first such character and the text around it.
    """
    for letter in text:
        if letter == "\n":  # a forced break in an agency's name
            continue
        if unicodedata.category(letter).startswith("C"):
            raise PaperError(
                _("The invisible character U+%(code)s cannot be printed on paper; delete it from: “%(text)s”")
                % {"code": f"{ord(letter):04X}", "text": _excerpt(text)}
            )
        if not letters().issuperset(letter + letter.upper()):
            raise PaperError(
                _("The paper's font has no letter “%(letter)s” (U+%(code)s); replace it in: “%(text)s”")
                % {"letter": letter, "code": f"{ord(letter):04X}", "text": _excerpt(text)}
            )


def _excerpt(text: str) -> str:
    """The start of a text, without what a screen or a log could choke on."""
    clean = "".join("�" if unicodedata.category(c).startswith("C") else c for c in text)
    return clean if len(clean) <= EXCERPT_LENGTH else clean[:EXCERPT_LENGTH].rstrip() + "…"
