"""Drawing a signature into its box: a form of its own that borrows the font put in at freezing."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.images import pil_image

from agreements.pades.errors import AppearanceError
from agreements.pades.files import NAME, QuietWriter
from agreements.pades.fonts import BOLD, SMALL, Face, embedded_face
from agreements.pades.values import Appearance

HANOI = timezone(timedelta(hours=7))  # no summer time since 1975
TEXT_SIZE = 13.0  # points: capacity and name. Source: Decree 30/2020/NĐ-CP, Appendix I, II.8
LEAST_TEXT_SIZE = 5.0
SMALL_SHARE = 7 / 13  # of the text size
PITCH = 1.15  # line to line, in font sizes
DESCENT = 0.24  # of the font size, below the base line
IMAGE_LEAST = 0.25  # of the box height; text shrinks before an image gets less


@dataclass(frozen=True)
class _Line:
    text: str
    face: Face
    resource: str
    size: float

    @property
    def pitch(self) -> float:
        return self.size * PITCH

    def drawn(self, width: float, top: float) -> str:
        """Centred, its upper edge at `top`."""
        x = (width - self.face.width(self.text, self.size)) / 2
        y = top - self.pitch + self.size * DESCENT
        return f"BT {self.resource} {self.size:.2f} Tf {x:.2f} {y:.2f} Td {self.face.shown(self.text)} Tj ET"


def time_line(appearance: Appearance) -> str:
    """`14/03/2023 09:05:07 +07:00 · note`: the claimed time in Vietnam's time, whatever the server's."""
    at = appearance.signed_at.astimezone(HANOI).strftime("%d/%m/%Y %H:%M:%S +07:00")
    return f"{at} · {appearance.note}" if appearance.note else at


def draw(writer: QuietWriter, appearance: Appearance, width: float, height: float) -> generic.IndirectObject:
    """The visible signature for a box in points: capacity on top, image, time, name at the bottom.

    Text too long for the box wraps between words, then shrinks. Raises AppearanceError.
    """
    bold, bold_reference = embedded_face(writer, BOLD)
    small, small_reference = embedded_face(writer, SMALL)
    above, below = _fit(appearance, bold, small, width, height)
    operators = ["q 0 g"]
    top = height
    for line in above:
        operators.append(line.drawn(width, top))
        top -= line.pitch
    bottom = sum(line.pitch for line in below)
    rest = bottom
    for line in below:
        operators.append(line.drawn(width, rest))
        rest -= line.pitch
    resources = {
        NAME("/Font"): generic.DictionaryObject({NAME(BOLD): bold_reference, NAME(SMALL): small_reference})
    }
    if appearance.image:
        reference, image_width, image_height = _image(writer, appearance.image)
        operators.append(_placed(image_width, image_height, width, bottom, top))
        resources[NAME("/XObject")] = generic.DictionaryObject({NAME("/Image"): reference})
    operators.append("Q")
    return writer.add_object(_form("\n".join(operators).encode("ascii"), resources, width, height))


def _fit(
    appearance: Appearance, bold: Face, small: Face, width: float, height: float
) -> tuple[list[_Line], list[_Line]]:
    """Lines above and below the image, at the largest size at which all of them fit."""
    room = height * (1 - IMAGE_LEAST) if appearance.image else height
    size = TEXT_SIZE
    while True:
        above = [
            _Line(part, bold, BOLD, size)
            for text in appearance.lines
            for part in _wrap(text, bold, size, width)
        ]
        below = [
            _Line(part, small, SMALL, size * SMALL_SHARE)
            for part in _wrap(time_line(appearance), small, size * SMALL_SHARE, width)
        ] + [_Line(part, bold, BOLD, size) for part in _wrap(appearance.name, bold, size, width)]
        lines = above + below
        fits = sum(line.pitch for line in lines) <= room and all(
            line.face.width(line.text, line.size) <= width for line in lines
        )
        if fits or size <= LEAST_TEXT_SIZE:
            return above, below
        size -= 0.5


def _wrap(text: str, face: Face, size: float, width: float) -> list[str]:
    """Broken between words; a single word longer than the line stays whole."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _image(writer: QuietWriter, png: bytes) -> tuple[generic.IndirectObject, int, int]:
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            picture = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise AppearanceError("image", repr(error)) from error
    return pil_image(picture, writer), picture.width, picture.height


def _placed(image_width: int, image_height: int, width: float, bottom: float, top: float) -> str:
    """The image as large as the free band allows, centred in it."""
    scale = min(width / image_width, max(top - bottom, 1) / image_height)
    w, h = image_width * scale, image_height * scale
    x, y = (width - w) / 2, (bottom + top - h) / 2
    return f"q {w:.3f} 0 0 {h:.3f} {x:.3f} {y:.3f} cm /Image Do Q"


def _form(
    operators: bytes, resources: Mapping[generic.NameObject, generic.PdfObject], width: float, height: float
) -> generic.StreamObject:
    form = generic.StreamObject(
        {
            NAME("/Type"): NAME("/XObject"),
            NAME("/Subtype"): NAME("/Form"),
            NAME("/BBox"): generic.ArrayObject(
                generic.FloatObject(f"{edge:.2f}") for edge in (0, 0, width, height)
            ),
            NAME("/Resources"): generic.DictionaryObject(resources),
        },
        stream_data=operators,
    )
    form.compress()
    return form
