"""Make files of every kind, good and broken."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, PngImagePlugin

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


# --- PDF -----------------------------------------------------------------------------------------
def pdf(change: Callable[[pikepdf.Pdf], Any] | None = None, *, pages: int = 1, **saving: Any) -> bytes:
    """Return a PDF of blank pages, changed as asked."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    if change:
        change(made)
    file = io.BytesIO()
    made.save(file, **saving)
    return file.getvalue()


def pdf_saying(*lines: str) -> bytes:
    """Return a PDF whose page shows lines of ASCII: the standard fonts have no Vietnamese letters."""

    def write(made: pikepdf.Pdf) -> None:
        page = made.pages[0]
        shown = " ".join(f"1 0 0 1 72 {700 - 40 * n} Tm ({line}) Tj" for n, line in enumerate(lines))
        page.Contents = Stream(made, f"BT /F1 14 Tf {shown} ET".encode())
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.Resources = Dictionary(Font=Dictionary(F1=font))

    return pdf(write)


def opening(**keys: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        made.Root.OpenAction = Dictionary(Type=Name.Action, **keys)

    return change


def on_a_button(**keys: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        link = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([0, 0, 9, 9]),
            A=Dictionary(Type=Name.Action, **keys),
        )
        made.pages[0].Annots = Array([made.make_indirect(link)])

    return change


def embedded(made: pikepdf.Pdf) -> None:
    made.attachments["a.exe"] = b"MZ"


def xfa(made: pikepdf.Pdf) -> None:
    made.Root.AcroForm = Dictionary(Fields=Array(), XFA=Stream(made, b"<xdp/>"))


def orphan_script(made: pikepdf.Pdf) -> None:
    """A script that no page leads to; some readers find it nevertheless."""
    made.Root.Extra = made.make_indirect(Dictionary(Any=Array([Dictionary(JS=String("app.alert(1)"))])))


def titled(made: pikepdf.Pdf) -> None:
    made.docinfo["/Title"] = "TỐI MẬT"


def stamped(made: pikepdf.Pdf) -> None:
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([0, 0, 9, 9]), Contents=String("( M Ậ T )")
    )
    made.pages[0].Annots = Array([made.make_indirect(note)])


def xmp_titled(made: pikepdf.Pdf) -> None:
    with made.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["dc:title"] = "Độ mật: Mật"


def deep(made: pikepdf.Pdf) -> None:
    nest = Array([])
    for _ in range(200):
        nest = Array([nest])
    made.Root.Extra = nest


def lying_count() -> bytes:
    """Return a PDF of one page that says it has 100,000."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    return raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 100000/Kids[3 0 R]>>", page])


def page_bomb() -> bytes:
    """Return a PDF of some kilobytes whose page tree unfolds to 10**8 pages, and says that it has one."""
    nodes = [b"<</Type/Catalog/Pages 2 0 R>>"]
    for level in range(8):
        kids = b" ".join([b"%d 0 R" % (level + 3)] * 10)
        nodes.append(b"<</Type/Pages/Count 1/MediaBox[0 0 9 9]/Kids[%s]>>" % kids)
    nodes.append(b"<</Type/Page/MediaBox[0 0 9 9]>>")
    return raw_pdf(nodes)


def raw_pdf(objects: list[bytes], *, version: bytes = b"1.7") -> bytes:
    """Return a PDF of these objects, numbered from 1, with a correct table."""
    body, places = b"%PDF-" + version + b"\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return body + end % (len(objects) + 1, table, len(objects) + 1, len(body))


def flate_bomb() -> bytes:
    """Return a PDF whose page content unpacks to two gigabytes."""
    times = 2048
    packer = zlib.compressobj(9, wbits=-15)  # blocks that stand alone: packed once, they are repeated
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = ((times << 20) % 65521 << 16) + 1  # Adler-32 of so many zeros
    packed = b"\x78\xda" + block * times + packer.flush() + checksum.to_bytes(4, "big")
    stream = b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(packed), packed)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return raw_pdf([b"<</Type/Catalog/Pages 2 0 R/Metadata 4 0 R>>", pages, page, stream])


def mutated(content: bytes, seed: int) -> bytes:
    """Return a file as a broken disk, a bad line or a fuzzer leaves it; the same seed gives the same file."""
    dice = random.Random(seed)
    broken = bytearray(content)
    for _ in range(dice.randint(1, 12)):
        place, length = dice.randrange(len(broken)), dice.randint(1, 40)
        kind = dice.randrange(5)
        if kind == 0:
            broken[place] = dice.randrange(256)
        elif kind == 1:
            del broken[place : place + length]
        elif kind == 2:
            broken[place:place] = dice.randbytes(length)
        elif kind == 3:
            broken[place:place] = broken[place : place + length]
        else:
            number = str(dice.choice([-1, 0, 2**31, 2**63, 10**30, 0.1])).encode()
            broken[place : place + 3] = b" " + number + b" "
        if not broken:
            return b"%PDF-"
    return bytes(broken)


# --- Pictures --------------------------------------------------------------------------------------
def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **saving: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, kind, **saving)
    return file.getvalue()


def png_saying(words: str) -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("Title", words)
    return picture(pnginfo=notes)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_bomb(width: int, height: int) -> bytes:
    """Return a PNG of some kilobytes that claims, and partly holds, a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    )


# --- Office files ----------------------------------------------------------------------------------
def package(members: dict[str, bytes | str], **more: bytes | str) -> bytes:
    """Return a zip of these members; keys of `more` have __ for a slash."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**members, **{k.replace("__", "/"): v for k, v in more.items()}}.items():
            archive.writestr(name, content)
    return file.getvalue()


def _types(main: str, part: str, extra: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{part}" ContentType="{main}"/>{extra}</Types>'
    )


def relations(*rows: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}/relationships">{"".join(rows)}</Relationships>'


def relation(kind: str, target: str, *, outside: bool = False) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'


def docx(*paragraphs: str, extra_types: str = "", xml: str | None = None, **members: bytes | str) -> bytes:
    """Return a DOCX with a text a paragraph, and whatever more members."""
    words = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    body = xml or (
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{words}</w:body></w:document>"
    )
    parts = {
        "[Content_Types].xml": _types(f"{WORD}.document.main+xml", "word/document.xml", extra_types),
        "_rels/.rels": relations(relation("officeDocument", "word/document.xml")),
        "word/document.xml": body,
    }
    return package(parts | {k.replace("__", "/").replace("_DOT_", "."): v for k, v in members.items()})


def xlsx(*cells: str, **members: bytes | str) -> bytes:
    """Return an XLSX with a text a cell."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    row = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c><c><v>7</v></c>' for text in cells)
    parts = {
        "[Content_Types].xml": _types(f"{SHEET}.sheet.main+xml", "xl/workbook.xml"),
        "_rels/.rels": relations(relation("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<x:book xmlns:x="{space}"><x:sheet name="Q1"/></x:book>',
        "xl/worksheets/sheet1.xml": f'<sheetData xmlns="{space}"><row>{row}</row></sheetData>',
    }
    return package(parts | {k.replace("__", "/").replace("_DOT_", "."): v for k, v in members.items()})


def lying_zip() -> bytes:
    """Return a DOCX whose directory says that a member unpacks to ten bytes; it unpacks to megabytes."""
    whole = bytearray(docx("Nội dung", word__media__a_DOT_png=bytes(8_000_000)))
    place = whole.find(b"word/media/a.png", whole.find(b"PK\x01\x02"))
    while whole[place - 46 : place - 42] != b"PK\x01\x02":
        place = whole.find(b"word/media/a.png", place + 1)
    whole[place - 22 : place - 18] = struct.pack("<I", 10)
    return bytes(whole)
