"""Pictures: decoded once, in full, so that what is stored is a picture. The bytes are kept as they came."""

import io
import mmap
import warnings
from collections.abc import Iterator
from typing import Any

from PIL import ExifTags, Image

from .findings import Finding, Kind, Reason, Refused

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
PIXELS = 50_000_000
"""A page scanned at 600 dpi has 35 million; decoded in colour this is 150 MB."""

KINDS = {"PNG": Kind.PNG, "JPEG": Kind.JPEG, "MPO": Kind.JPEG}  # MPO: a phone's JPEG with a preview
EXIF_WORDS = (ExifTags.Base.ImageDescription, ExifTags.Base.XPTitle, ExifTags.Base.XPSubject)
PNG_END = b"IEND\xaeB`\x82"


def look(content: mmap.mmap | bytes) -> Finding:
    """Decode a picture; raises Refused, or what Pillow raises."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = PIXELS
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "MPO")) as picture:
            if picture.width * picture.height > PIXELS:
                raise Refused(Reason.TOO_MANY_PIXELS)
            picture.load()
            kind = KINDS[str(picture.format)]
            words = tuple(_words(picture))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(Reason.TOO_MANY_PIXELS) from error
    if kind is Kind.PNG and content[-len(PNG_END) :] != PNG_END:
        raise Refused(Reason.TWO_KINDS if content.rfind(PNG_END) > 0 else Reason.DAMAGED)
    return Finding(kind, texts=words)


def _words(picture: Image.Image) -> Iterator[str]:
    """Yield what the metadata says in words."""
    values: list[Any] = [picture.info.get("comment"), *getattr(picture, "text", {}).values()]
    exif = picture.getexif()
    values += [exif.get(tag) for tag in EXIF_WORDS]
    for value in values:
        if isinstance(value, bytes):
            yield value.decode("utf-16-le" if b"\0" in value else "utf-8", "replace")
        elif isinstance(value, str):
            yield value
