"""Drawing an agency's own signature: its seal where that was given, else a plain frame with its name."""

from pyhanko.pdf_utils import generic

from agreements.pades.appearances import (
    LEAST_TEXT_SIZE,
    SIGNATURE_WIDTH,
    SMALL_SHARE,
    Band,
    Line,
    form_of,
    image_of,
    moment,
    wrap,
)
from agreements.pades.files import NAME, QuietWriter
from agreements.pades.fonts import BOLD, SMALL, embedded_face
from agreements.pades.pictures import RED
from agreements.pades.values import AgencyAppearance

NAME_SIZE = 10.0  # points, at most
FRAME_SHARE = 0.5  # of the box height, at most
INSET = 4.0  # points between frame and text
COLOUR = " ".join(f"{part / 255:.3f}" for part in RED)


def agency_width(width: float) -> float:
    """Return how wide the agency's box is, from the left edge of its head's: a third into the signature."""
    return (width - SIGNATURE_WIDTH) / 2 + SIGNATURE_WIDTH / 3


def draw_agency(
    writer: QuietWriter, appearance: AgencyAppearance, width: float, height: float
) -> generic.IndirectObject:
    """The agency's signature for its box in points, against the right edge and in the middle of the height.

    Raises AppearanceError.
    """
    if appearance.seal:
        reference, (wide, high) = image_of(writer, appearance.seal.png)
        across = min(appearance.seal.width, width, height * wide / high)
        placed = Band(width, height, 0, height).middle(across, across * high / wide).at(width - across)
        resources = {NAME("/XObject"): generic.DictionaryObject({NAME("/Seal"): reference})}
        return writer.add_object(form_of(f"q {placed.drawn('/Seal')} Q".encode(), resources, width, height))
    return _framed(writer, appearance, width, height)


def _framed(
    writer: QuietWriter, appearance: AgencyAppearance, width: float, height: float
) -> generic.IndirectObject:
    bold, bold_reference = embedded_face(writer, BOLD)
    small, small_reference = embedded_face(writer, SMALL)
    size, room = NAME_SIZE, height * FRAME_SHARE - 2 * INSET
    while True:
        lines = [
            Line(part, bold, BOLD, size) for part in wrap(appearance.name, bold, size, width - 2 * INSET)
        ] + [
            Line(part, small, SMALL, size * SMALL_SHARE * 1.2)
            for text in (moment(appearance.signed_at), appearance.note)
            for part in wrap(text, small, size * SMALL_SHARE * 1.2, width - 2 * INSET)
        ]
        used = sum(line.pitch for line in lines)
        widest = max(line.face.width(line.text, line.size) for line in lines)
        if (used <= room and widest <= width - 2 * INSET) or size <= LEAST_TEXT_SIZE:
            break
        size -= 0.5
    frame = used + 2 * INSET
    bottom = (height - frame) / 2
    operators = [f"q {COLOUR} rg {COLOUR} RG 1 w 0.5 {bottom:.2f} {width - 1:.2f} {frame:.2f} re S"]
    top = bottom + frame - INSET
    for line in lines:
        operators.append(line.drawn(width, top))
        top -= line.pitch
    resources = {
        NAME("/Font"): generic.DictionaryObject({NAME(BOLD): bold_reference, NAME(SMALL): small_reference})
    }
    return writer.add_object(form_of("\n".join([*operators, "Q"]).encode("ascii"), resources, width, height))
