"""Freezing: every signature field, and the font of all signatures, in one last update of the pages."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import InvisSigSettings, SignatureFormField, VisibleSigSettings
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1

from agreements.pades.errors import FreezeError
from agreements.pades.files import NAME, QuietWriter, open_pdf, parsing
from agreements.pades.fonts import BOLD, SMALL, embed
from agreements.pades.values import FieldSpec

CERTIFYING_FIELD = "CHUNG_THUC"
CERTIFYING_LABEL = "Chữ ký chứng thực bản đóng băng"

# Written out, so that no default changes them: PDF/A wants every annotation printed and none hidden.
INVISIBLE = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=False)
VISIBLE = VisibleSigSettings(print_signature=True, scale_with_page_zoom=True, rotate_with_page=True)


def freeze(
    pdf: bytes,
    fields: Sequence[FieldSpec],
    *,
    font: bytes | Path,
    small_font: bytes | Path | None = None,
    certifying_field: str = CERTIFYING_FIELD,
) -> bytes:
    """The paper with its empty signature fields: the same input gives the same bytes.

    `font` draws names and capacities, `small_font` the line with the time (default: the same). Both are
    embedded whole: pass subsets. Nothing of this can be added later: after certification a new field, a
    new font or a new tag counts as a change of the document.

    Raises UnreadablePdf, FreezeError.
    """
    _check_names([certifying_field, *(field.name for field in fields)])
    reader = open_pdf(pdf)
    if "/StructTreeRoot" not in reader.root:
        raise FreezeError("untagged", "a field outside the tag tree breaks PDF/UA")
    if "/AcroForm" in reader.root:
        raise FreezeError("has_fields")
    with parsing():
        # Typst ends its files without a line break; the next object must not start behind %%EOF.
        writer = QuietWriter(io.BytesIO(pdf if pdf.endswith(b"\n") else pdf + b"\n"))
        writer._document_id[1] = generic.ByteStringObject(_document_id(pdf, fields, font, small_font))
        bold = embed(writer, font)
        small = embed(writer, small_font) if small_font else bold
        empty = _empty_appearance(writer)
        references = [_add_field(writer, FieldSpec(certifying_field, 1, 0, 0, 0, 0, CERTIFYING_LABEL), empty)]
        references += [_add_field(writer, field, empty) for field in fields]
        _add_form(writer, references, {BOLD: bold, SMALL: small})
        _tag(writer, references)
        writer.register_extension(ESIC_EXTENSION_1)  # says "PAdES inside"; at signing it would touch the root
        out = io.BytesIO()
        writer.write(out)
    return out.getvalue()


def _check_names(names: Sequence[str]) -> None:
    """No name may begin with another: pyHanko matches locked fields by prefix (its issue 633)."""
    ordered = sorted(names)
    for name, following in zip(ordered, [*ordered[1:], None], strict=True):
        if not name or "." in name or (following is not None and following.startswith(name)):
            raise FreezeError("field_name", name)


def _document_id(
    pdf: bytes, fields: Sequence[FieldSpec], font: bytes | Path, small_font: bytes | Path | None
) -> bytes:
    """The second half of /ID, which the stock writer draws at random."""
    digest = hashlib.sha256(pdf)
    digest.update(repr(tuple(fields)).encode())
    for face in (font, small_font):
        digest.update(hashlib.sha256(face.read_bytes() if isinstance(face, Path) else face or b"").digest())
    return digest.digest()[:16]


def _empty_appearance(writer: QuietWriter) -> generic.IndirectObject:
    """What every unsigned field shows: nothing. PDF/A wants an appearance for each visible box."""
    form = generic.StreamObject(
        {
            NAME("/Type"): NAME("/XObject"),
            NAME("/Subtype"): NAME("/Form"),
            NAME("/BBox"): generic.ArrayObject(generic.NumberObject(edge) for edge in (0, 0, 1, 1)),
            NAME("/Resources"): generic.DictionaryObject(),
        },
        stream_data=b"",
    )
    return writer.add_object(form)


def _add_field(
    writer: QuietWriter, field: FieldSpec, empty: generic.IndirectObject
) -> generic.IndirectObject:
    """One field that is its own widget."""
    if not 1 <= field.page <= int(writer.root["/Pages"]["/Count"]):
        raise FreezeError("page", f"{field.name}: no page {field.page}")
    page, _ = writer.find_page_for_modification(field.page - 1)
    widget = SignatureFormField(
        field.name,
        box=_rectangle(field, page),
        include_on_page=page,
        invis_settings=INVISIBLE,
        visible_settings=VISIBLE,
    )
    widget[NAME("/TU")] = generic.TextStringObject(field.label)
    if field.width and field.height:
        widget[NAME("/AP")] = generic.DictionaryObject({NAME("/N"): empty})
    reference = writer.add_object(widget)
    widget.register_widget_annotation(writer, reference)
    return reference


def _rectangle(field: FieldSpec, page: generic.IndirectObject) -> tuple[float, float, float, float]:
    """From the page's top left corner to PDF's bottom left. The box must lie on the page."""
    if not (field.width and field.height):
        return 0.0, 0.0, 0.0, 0.0
    left, bottom, right, top = (float(edge) for edge in _media_box(page))
    x, y = left + field.x, top - field.y
    if not (left <= x and x + field.width <= right and bottom <= y - field.height and y <= top):
        raise FreezeError("page", f"{field.name} lies outside page {field.page}")
    return x, y - field.height, x + field.width, y


def _media_box(page: generic.IndirectObject) -> generic.ArrayObject:
    """The page's own or inherited box."""
    node = page.get_object()
    while "/MediaBox" not in node:
        node = node["/Parent"]
    return node["/MediaBox"]


def _add_form(
    writer: QuietWriter,
    fields: Sequence[generic.IndirectObject],
    fonts: dict[str, generic.IndirectObject],
) -> None:
    """The form: its flags are final, so that a signature changes nothing here."""
    form = generic.DictionaryObject(
        {
            NAME("/Fields"): generic.ArrayObject(fields),
            NAME("/SigFlags"): generic.NumberObject(3),  # signatures exist, append only
            NAME("/DR"): generic.DictionaryObject(
                {NAME("/Font"): generic.DictionaryObject({NAME(key): ref for key, ref in fonts.items()})}
            ),
        }
    )
    writer.root[NAME("/AcroForm")] = writer.add_object(form)
    writer.update_root()


def _tag(writer: QuietWriter, widgets: Sequence[generic.IndirectObject]) -> None:
    """Give each widget its Form element in the tag tree, as PDF/UA and level A of PDF/A ask."""
    tree = writer.root["/StructTreeRoot"]
    top = tree.raw_get("/K")
    if not isinstance(top, generic.IndirectObject):  # typst writes an array of one
        top = top.raw_get(0)
    document, parents = top.get_object(), tree["/ParentTree"]
    numbers, key = parents["/Nums"], int(tree["/ParentTreeNextKey"])
    for reference in widgets:
        widget = reference.get_object()
        page = widget.raw_get("/P")
        element = generic.DictionaryObject(
            {
                NAME("/Type"): NAME("/StructElem"),
                NAME("/S"): NAME("/Form"),
                NAME("/P"): top,
                NAME("/Pg"): page,
                NAME("/Alt"): generic.TextStringObject(widget["/TU"]),
                NAME("/K"): generic.DictionaryObject(
                    {NAME("/Type"): NAME("/OBJR"), NAME("/Obj"): reference, NAME("/Pg"): page}
                ),
            }
        )
        element_reference = writer.add_object(element)
        widget[NAME("/StructParent")] = generic.NumberObject(key)
        numbers.extend([generic.NumberObject(key), element_reference])
        document["/K"].append(element_reference)
        key += 1
    tree[NAME("/ParentTreeNextKey")] = generic.NumberObject(key)
    for container in (tree, document, document["/K"], parents, numbers):
        writer.update_container(container)
