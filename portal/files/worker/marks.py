"""A signature or a seal on paper: nothing of its picture leaves the sandbox but where the ink is.

Ink is what is darker than white paper, or not transparent. The answer is a line of JSON and the ink, one
byte a pixel, compressed: whoever draws it gives it its colour.
"""

import io
import json
import sys
import zlib

from PIL import Image, ImageChops

from . import pictures
from .findings import MARK_LONGEST, Refused

LEAST_SIDE = 24
PAPER = 48
"""Of 255: paler than this is paper, the yellow of a scan, or the noise of its compression."""

STEPS = 17
"""Ink in 16 shades: an edge looks as smooth, and takes a third of the room."""

MOST_INKED = 0.7


def main() -> None:
    """Print the answer to the picture on standard input: `refused` is "" when there is ink."""
    content = sys.stdin.buffer.read()
    try:
        pictures.look(content)
        refused, width, height, ink = shape(content)
    except Refused as refusal:
        refused, width, height, ink = refusal.reason.value, 0, 0, b""
    except Exception:  # a parser met what it was not made for
        refused, width, height, ink = "damaged", 0, 0, b""
    told = json.dumps({"refused": refused, "width": width, "height": height})
    sys.stdout.buffer.write(told.encode() + b"\n" + zlib.compress(ink, 9))


def shape(content: bytes) -> tuple[str, int, int, bytes]:
    """Return why there is no mark to be seen, or its width, height and ink."""
    with Image.open(io.BytesIO(content), formats=("PNG",)) as picture:
        drawn = picture.convert("RGBA")
    paper = Image.new("RGBA", drawn.size, "white")
    paper.alpha_composite(drawn)
    red, green, blue, _ = paper.split()
    ink = ImageChops.invert(ImageChops.darker(ImageChops.darker(red, green), blue))
    ink = ink.point(lambda value: value if value > PAPER else 0)
    edges = ink.getbbox()
    if edges is None:
        return "no_ink", 0, 0, b""
    ink = ink.crop(edges)
    if min(ink.size) < LEAST_SIDE:
        return "too_small", 0, 0, b""
    if sum(ink.histogram()[1:]) > MOST_INKED * ink.width * ink.height:
        return "ground", 0, 0, b""
    ink.thumbnail((MARK_LONGEST, MARK_LONGEST), Image.Resampling.LANCZOS)
    ink = ink.point(lambda value: value // STEPS * STEPS)
    return "", ink.width, ink.height, ink.tobytes()
