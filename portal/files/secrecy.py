"""The secrecy guard: find a marking of state secrecy in a text, a title or a file's name.

It finds what someone wrote to mark a document, nothing else: a line, box, title or token that consists
of MẬT, TỐI MẬT or TUYỆT MẬT only. It is an aid. It reads no pictures, and a secret without its marking
passes; so whoever uploads declares that there is none. Pure: also used in the sandbox, without Django.

Source: Law 117/2025/QH15 on the protection of state secrets (three degrees, marked on the document).
"""

import re
import unicodedata
from collections.abc import Iterable

DEGREES = {"mật": "MẬT", "tốimật": "TỐI MẬT", "tuyệtmật": "TUYỆT MẬT"}
PLAIN = {"TOIMAT": "TỐI MẬT", "TUYETMAT": "TUYỆT MẬT"}
"""Without diacritics only in capitals, and never "mat" alone: it is an everyday syllable."""

LABEL = re.compile(r"(độ|mức( độ)?|cấp độ|độ bảo|loại) ?mật ?[:=\-–—.]+", re.IGNORECASE)
PLAIN_LABEL = re.compile(r"DO MAT ?[:=\-–—.]+")
LONGEST = 80
"""Characters of a line that could be a marking with its label, box and spaces."""

NEGATED = {"không", "bí", "bảo"}
"""Before "mật" these make another word: not secret, secret as a noun, security."""

LINES = re.compile(r"[\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029|]+|\\n")
CHUNKS = re.compile(r"[_.,;()\[\]{}+=~'\"“”«»<>|\-–—]+")
WORDS = re.compile(r"[^\W\d_]+")


def first_marking(texts: Iterable[str]) -> str | None:
    """Return the degree of the first line of any text that is a marking, None when there is none."""
    for text in texts:
        for line in LINES.split(text):
            if len(line) <= LONGEST and (found := degree_of(line)):
                return found
    return None


def degree_of(line: str) -> str | None:
    """Return the degree that a line, box or title states when it states nothing else."""
    text = _plain(line)
    label = LABEL.match(text) or PLAIN_LABEL.match(text)
    core = text[label.end() :] if label else text
    letters = "".join(c for c in core if c.isalnum())
    if letters in PLAIN:
        return PLAIN[letters]
    if letters == "mật" and not label:  # honey, gall: a marking begins with a capital
        return None
    return DEGREES.get(letters.lower())


def name_marking(name: str) -> str | None:
    """Return the degree that a file's name states as a token of its own."""
    stem = name.rpartition(".")[0] or name
    for chunk in CHUNKS.split(_plain(stem)):
        if found := degree_of(chunk):
            return found
    words = ["", *WORDS.findall(_plain(stem)), ""]
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        if _stands_out(before, word, after, stem):
            return DEGREES["mật"]
        for letters in (word, word + after):
            if degree := PLAIN.get(letters) or (
                letters.isupper() and letters != "MẬT" and DEGREES.get(letters.lower())
            ):
                return degree
    return None


def _stands_out(before: str, word: str, after: str, stem: str) -> bool:
    """Whether MẬT is one word in capitals among others that are not: "Báo cáo MẬT 2026"."""
    return word == "MẬT" and not stem.isupper() and not after.isupper() and before.lower() not in NEGATED


def _plain(text: str) -> str:
    """Return the text composed, without invisible characters, with single spaces and a bare beginning."""
    composed = unicodedata.normalize("NFKC", text)
    visible = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    return re.sub(r"^[^\w]+|[^\w]+$", "", " ".join(visible.split()))
