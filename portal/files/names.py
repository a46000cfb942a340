"""Clean the name that a file was given, and read its extension."""

import re
import unicodedata

LONGEST = 150
"""Characters. Vietnamese takes up to three bytes a letter, and file systems end at 255 bytes."""

SEPARATORS = re.compile(r"[/\\]")
FORBIDDEN = re.compile(r'[<>:"|?*]')  # a name that Windows cannot store
RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


def clean(name: str) -> str:
    """Return a name that is safe on any system and still says the same; never empty.

    The last part of a path, composed (NFC), without control and invisible characters, among them those
    that turn the direction of writing. Cut in the middle of the stem, so that the extension stays.
    """
    last = SEPARATORS.split(unicodedata.normalize("NFC", name))[-1]
    kept = "".join(" " if c.isspace() else c for c in last if c.isspace() or _is_visible(c))
    kept = " ".join(FORBIDDEN.sub("_", kept).split()).rstrip(". ")
    stem, dot, extension = kept.rpartition(".")
    if not dot:
        stem, extension = kept, ""
    stem = stem.strip(". ") or "tai-lieu"
    if RESERVED.match(stem):
        stem += "_"
    extension = extension.strip()[:10]
    stem = stem[: LONGEST - len(extension) - 1].strip(". ")
    return f"{stem}.{extension}" if extension else stem


def extension_of(name: str) -> str:
    """Return the extension in lower case, without its dot; "" when there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def _is_visible(character: str) -> bool:
    # Cc control, Cf format (bidi overrides, zero width), Cs lone surrogate, Co private use, Cn unassigned
    return not unicodedata.category(character).startswith("C")
