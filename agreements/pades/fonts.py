"""The one font of all visible signatures: embedded at freezing, only referred to when signing.

Font work is most of the cost of a stock text stamp (about 0.7 s), and no signature may add a font that
the frozen pages do not hold. So the whole pre-subset font goes in once, with glyph numbers as codes
(Identity-H), and a signature only writes numbers.
"""

import hashlib
import io
import string
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont, TTLibError
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.rw_common import PdfHandler

from agreements.pades.errors import AppearanceError, FreezeError, SigningError
from agreements.pades.files import NAME, QuietWriter

BOLD = "/Bold"
SMALL = "/Small"


@dataclass(frozen=True)
class Face:
    """Glyph numbers by character, and advance widths by glyph in thousandths of the font size."""

    glyphs: dict[int, int]
    widths: tuple[int, ...]

    def encode(self, text: str) -> list[int]:
        """Glyph numbers of a text. Raises AppearanceError naming a character that the font lacks."""
        found = []
        for character in unicodedata.normalize("NFC", text):
            glyph = self.glyphs.get(ord(character))
            if glyph is None:
                raise AppearanceError("no_glyph", f"U+{ord(character):04X}", character=character)
            found.append(glyph)
        return found

    def width(self, text: str, size: float) -> float:
        """How many points a text takes at a size in points."""
        return sum(self.widths[glyph] for glyph in self.encode(text)) * size / 1000

    def shown(self, text: str) -> str:
        """The text as a PDF string operand."""
        return "<" + "".join(f"{glyph:04X}" for glyph in self.encode(text)) + ">"


def embed(writer: QuietWriter, font: bytes | Path) -> generic.IndirectObject:
    """Put a whole TrueType font into the file as a composite font. Raises FreezeError.

    Source of the shape: ISO 32000-1, 9.7.4 to 9.7.6; level A of PDF/A asks for ToUnicode, widths and an
    explicit CIDToGIDMap.
    """
    program = font.read_bytes() if isinstance(font, Path) else font
    try:
        ttf = TTFont(io.BytesIO(program))
    except TTLibError as error:
        raise FreezeError("font", str(error)) from error
    face = _face(ttf)
    tag = hashlib.sha256(program).digest()
    # A subset is named by six capitals; taken from its hash, so that the same font gives the same bytes.
    name = "".join(string.ascii_uppercase[b % 26] for b in tag[:6]) + "+" + ttf["name"].getDebugName(6)
    file_ref = writer.add_object(_stream({"/Length1": generic.NumberObject(len(program))}, program))
    descendant = generic.DictionaryObject(
        {
            NAME("/Type"): NAME("/Font"),
            NAME("/Subtype"): NAME("/CIDFontType2"),
            NAME("/BaseFont"): NAME("/" + name),
            NAME("/CIDSystemInfo"): generic.DictionaryObject(
                {
                    NAME("/Registry"): generic.pdf_string("Adobe"),
                    NAME("/Ordering"): generic.pdf_string("Identity"),
                    NAME("/Supplement"): generic.NumberObject(0),
                }
            ),
            NAME("/FontDescriptor"): writer.add_object(_descriptor(ttf, name, file_ref)),
            # Indirect, so that nobody who signs has to read 300 numbers.
            NAME("/W"): writer.add_object(
                generic.ArrayObject([generic.NumberObject(0), _numbers(face.widths)])
            ),
            NAME("/CIDToGIDMap"): NAME("/Identity"),
        }
    )
    composite = generic.DictionaryObject(
        {
            NAME("/Type"): NAME("/Font"),
            NAME("/Subtype"): NAME("/Type0"),
            NAME("/BaseFont"): NAME("/" + name),
            NAME("/Encoding"): NAME("/Identity-H"),
            NAME("/DescendantFonts"): generic.ArrayObject([writer.add_object(descendant)]),
            NAME("/ToUnicode"): writer.add_object(_stream({}, _to_unicode(face.glyphs))),
        }
    )
    return writer.add_object(composite)


def embedded_face(pdf: PdfHandler, resource: str) -> tuple[Face, generic.IndirectObject]:
    """The face that freezing put in under a resource name, and the reference to it.

    Read from the file itself: its glyph numbers are right even after the vendored font has changed.
    Raises SigningError (`not_frozen`).
    """
    try:
        reference = pdf.root["/AcroForm"]["/DR"]["/Font"].raw_get(resource)
        descendant = reference.get_object()["/DescendantFonts"][0]
        program = descendant["/FontDescriptor"]["/FontFile2"]
    except (KeyError, IndexError, AttributeError) as error:
        raise SigningError("not_frozen", f"no font {resource}") from error
    return _parsed(program.encoded_data), reference


@lru_cache(maxsize=8)
def _parsed(deflated: bytes) -> Face:
    """Keyed by the bytes as they stand in the file, so that a hit inflates and parses nothing."""
    return _face(TTFont(io.BytesIO(zlib.decompress(deflated))))


def _face(ttf: TTFont) -> Face:
    order = {glyph: number for number, glyph in enumerate(ttf.getGlyphOrder())}
    units = ttf["head"].unitsPerEm
    return Face(
        glyphs={character: order[glyph] for character, glyph in ttf.getBestCmap().items()},
        widths=tuple(round(ttf["hmtx"][glyph][0] * 1000 / units) for glyph in ttf.getGlyphOrder()),
    )


def _descriptor(ttf: TTFont, name: str, file_ref: generic.IndirectObject) -> generic.DictionaryObject:
    scale = 1000 / ttf["head"].unitsPerEm
    head, os2 = ttf["head"], ttf["OS/2"]
    box = (head.xMin, head.yMin, head.xMax, head.yMax)
    number = generic.NumberObject
    return generic.DictionaryObject(
        {
            NAME("/Type"): NAME("/FontDescriptor"),
            NAME("/FontName"): NAME("/" + name),
            NAME("/Flags"): number(4),  # symbolic: codes are glyph numbers, not a standard Latin set
            NAME("/FontBBox"): _numbers(tuple(round(edge * scale) for edge in box)),
            NAME("/ItalicAngle"): number(0),
            NAME("/Ascent"): number(round(ttf["hhea"].ascent * scale)),
            NAME("/Descent"): number(round(ttf["hhea"].descent * scale)),
            NAME("/CapHeight"): number(round(getattr(os2, "sCapHeight", 1341) * scale)),
            NAME("/StemV"): number(140 if os2.usWeightClass >= 600 else 80),
            NAME("/FontFile2"): file_ref,
        }
    )


def _numbers(values: tuple[int, ...]) -> generic.ArrayObject:
    return generic.ArrayObject(generic.NumberObject(value) for value in values)


def _stream(entries: dict[str, generic.PdfObject], content: bytes) -> generic.StreamObject:
    stream = generic.StreamObject({NAME(key): value for key, value in entries.items()}, stream_data=content)
    stream.compress()
    return stream


def _to_unicode(glyphs: dict[int, int]) -> bytes:
    """Glyph number back to text, for copying and for screen readers. ISO 32000-1, 9.10.3."""
    by_glyph: dict[int, int] = {}
    for character, glyph in sorted(glyphs.items()):
        by_glyph.setdefault(glyph, character)  # two characters, one glyph (U+0020, U+00A0): the lower
    pairs = [f"<{glyph:04X}> <{character:04X}>" for glyph, character in sorted(by_glyph.items())]
    blocks = []
    for start in range(0, len(pairs), 100):  # a block may hold no more than 100
        block = pairs[start : start + 100]
        blocks.append(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n")
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n" + "".join(blocks) + "endcmap\n"
        "CMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")
