"""Drawing a signature into its box: a form of its own that borrows the font put in at freezing."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.images import pil_image

from agreements.pades.errors import AppearanceError
from agreements.pades.files import NAME, QuietWriter
from agreements.pades.fonts import BOLD, SMALL, Face, embedded_face
from agreements.pades.values import Appearance

HANOI = timezone(timedelta(hours=7))  # no summer time since 1975
TEXT_SIZE = 14.0  # points: capacity and name. Source: Decree 30/2020/NĐ-CP, Appendix I, II.7 and V
LEAST_TEXT_SIZE = 5.0
SMALL_SHARE = 1 / 2  # of the text size
TEXT_SHARE = 0.9  # of the box width: a seal reaches over the edges of the column, a line does not
PITCH = 1.15  # line to line, in font sizes
DESCENT = 0.24  # of the font size, below the base line
SIGNATURE_WIDTH, SIGNATURE_HEIGHT = 102.0, 51.0  # points, 36 x 18 mm: the most
IMAGE_LEAST = 0.25  # of the box height; text shrinks before an image gets less


@dataclass(frozen=True)
class Placed:
    """Where a picture lies in the box, in points from its bottom left corner."""

    x: float
    y: float
    width: float
    height: float

    def at(self, x: float) -> "Placed":
        return replace(self, x=x)

    def drawn(self, image: str) -> str:
        return f"q {self.width:.3f} 0 0 {self.height:.3f} {self.x:.3f} {self.y:.3f} cm {image} Do Q"


@dataclass(frozen=True)
class Band:
    """The part of a box, of this width and height, that its text leaves free: from `bottom` to `top`."""

    width: float
    height: float
    bottom: float
    top: float

    def middle(self, width: float, height: float) -> Placed:
        x, y = (self.width - width) / 2, (self.bottom + self.top - height) / 2
        return Placed(x, min(max(y, 0), self.height - height), width, height)

    def fitted(self, shape: float) -> Placed:
        """The signature: in the middle, as large as its size and the free band allow."""
        height = max(min(SIGNATURE_HEIGHT, self.top - self.bottom, self.width / shape), 1)
        width = min(height * shape, SIGNATURE_WIDTH, self.width)
        return self.middle(width, width / shape)

    def sealed(self, signature: Placed, width: float, shape: float) -> Placed:
        """The seal: its right edge a third into the signature, its middle level with the signature's.

        It may lie over the ends of lines, as a stamp on paper does.
        """
        width = min(width, self.width, self.height * shape)
        level = self.middle(width, width / shape)
        return replace(level, x=max(signature.x + signature.width / 3 - width, 0))


@dataclass(frozen=True)
class Line:
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


def moment(signed_at: datetime) -> str:
    """`14/03/2023 09:05:07 +07:00`: the claimed time in Vietnam's time, whatever the server's."""
    return signed_at.astimezone(HANOI).strftime("%d/%m/%Y %H:%M:%S +07:00")


def draw(writer: QuietWriter, appearance: Appearance, width: float, height: float) -> generic.IndirectObject:
    """The visible signature for a box in points: capacity on top, pictures, name, small print.

    Text too long for the box wraps between words, then shrinks. The seal lies over the left third of the
    signature, in its real size. Raises AppearanceError.
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
    drawn, images = _pictures(writer, appearance, Band(width, height, bottom, top))
    if images:
        resources[NAME("/XObject")] = generic.DictionaryObject(images)
    operators += [*drawn, "Q"]
    return writer.add_object(form_of("\n".join(operators).encode("ascii"), resources, width, height))


def _fit(
    appearance: Appearance, bold: Face, small: Face, width: float, height: float
) -> tuple[list[Line], list[Line]]:
    """Lines above and below the image, at the largest size at which all of them fit."""
    room = height * (1 - IMAGE_LEAST) if appearance.image or appearance.seal else height
    width *= TEXT_SHARE
    size = TEXT_SIZE
    while True:
        above = [
            Line(part, bold, BOLD, size)
            for text in appearance.lines
            for part in wrap(text, bold, size, width)
        ]
        below = [Line(part, bold, BOLD, size) for part in wrap(appearance.name, bold, size, width)] + [
            Line(part, small, SMALL, size * SMALL_SHARE)
            for text in (moment(appearance.signed_at), appearance.note)
            for part in wrap(text, small, size * SMALL_SHARE, width)
        ]
        lines = above + below
        fits = sum(line.pitch for line in lines) <= room and all(
            line.face.width(line.text, line.size) <= width for line in lines
        )
        if fits or size <= LEAST_TEXT_SIZE:
            return above, below
        size -= 0.5


def wrap(text: str, face: Face, size: float, width: float) -> list[str]:
    """Broken between words; a single word longer than the line stays whole."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and face.width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pictures(
    writer: QuietWriter, appearance: Appearance, band: Band
) -> tuple[list[str], dict[generic.NameObject, generic.IndirectObject]]:
    """Operators and images: the signature first, the seal over it."""
    operators, images = [], {}
    signature = band.middle(SIGNATURE_WIDTH, 0)
    if appearance.image:
        images[NAME("/Image")], (wide, high) = image_of(writer, appearance.image)
        signature = band.fitted(wide / high)
        operators.append(signature.drawn("/Image"))
    if appearance.seal:
        images[NAME("/Seal")], (wide, high) = image_of(writer, appearance.seal.png)
        operators.append(band.sealed(signature, appearance.seal.width, wide / high).drawn("/Seal"))
    return operators, images


def image_of(writer: QuietWriter, png: bytes) -> tuple[generic.IndirectObject, tuple[int, int]]:
    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
            picture = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise AppearanceError("image", repr(error)) from error
    return pil_image(picture, writer), picture.size


def form_of(
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
