"""What a hostile hand does to a document: below a genuine signature, and after the head."""

import re

from pyhanko.pdf_utils import generic

from agreements.pades.files import NAME, QuietWriter
from tests.agreements import pdf_tools


# --- Below a genuine signature ---------------------------------------------------------------------------
def overlay(writer: QuietWriter) -> None:
    """Something drawn over the page, behind its own content."""
    page = _page(writer)
    more = writer.add_object(generic.StreamObject(stream_data=b"1 0 0 rg 50 50 400 400 re f"))
    page[NAME("/Contents")] = generic.ArrayObject([page.raw_get("/Contents"), more])
    writer.update_container(page)


def _page(writer: QuietWriter) -> generic.DictionaryObject:
    page = writer.root["/Pages"]["/Kids"][0]
    while "/Kids" in page:
        page = page["/Kids"][0]
    return page


def rewritten_content(writer: QuietWriter) -> None:
    reference = _page(writer).raw_get("/Contents")
    writer.objects[(reference.generation, reference.idnum)] = generic.StreamObject(
        stream_data=b"0 0 9 9 re f"
    )


def page_replaced_by_information(writer: QuietWriter) -> None:
    """A page's number is given to something that may be rewritten."""
    page = writer.root["/Pages"].raw_get("/Kids").raw_get(0)
    writer.objects[(0, page.idnum)] = generic.DictionaryObject(writer.trailer_view["/Info"])
    writer.set_info(page)


def removed_page(writer: QuietWriter) -> None:
    writer.root["/Pages"][NAME("/Count")] = generic.NumberObject(1)
    writer.update_container(writer.root["/Pages"])


def attached_file(writer: QuietWriter) -> None:
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    names.extend([generic.pdf_string("khac.json"), names.raw_get(1)])
    writer.update_root()


def replaced_attachment(writer: QuietWriter) -> None:
    specification = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]
    specification[NAME("/Desc")] = generic.pdf_string("khác")
    writer.update_container(specification)


def named_script(writer: QuietWriter) -> None:
    script = {NAME("/S"): NAME("/JavaScript"), NAME("/JS"): generic.pdf_string("app.alert(1)")}
    pair = generic.ArrayObject([generic.pdf_string("x"), generic.DictionaryObject(script)])
    writer.root["/Names"][NAME("/JavaScript")] = generic.DictionaryObject({NAME("/Names"): pair})
    writer.update_root()


def page_script(writer: QuietWriter) -> None:
    page = _page(writer)
    page[NAME("/AA")] = generic.DictionaryObject()
    writer.update_container(page)


def own_field(writer: QuietWriter) -> generic.DictionaryObject:
    return writer.root["/AcroForm"]["/Fields"][2]


def field_script(writer: QuietWriter) -> None:
    own_field(writer)[NAME("/A")] = generic.DictionaryObject({NAME("/S"): NAME("/JavaScript")})


def own_field_moved(writer: QuietWriter) -> None:
    own_field(writer)[NAME("/Rect")] = generic.ArrayObject(map(generic.FloatObject, (0, 0, 595, 842)))


def own_field_renamed(writer: QuietWriter) -> None:
    own_field(writer)[NAME("/TU")] = generic.pdf_string("Khác")


def own_field_hidden(writer: QuietWriter) -> None:
    own_field(writer)[NAME("/F")] = generic.NumberObject(2)


def _drawn(writer: QuietWriter, entries: dict[str, generic.PdfObject], drawings: tuple[str, ...] = ("/N",)):
    known = {"/Type": NAME("/XObject"), "/Subtype": NAME("/Form")}
    known["/BBox"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 9, 9)))
    form = generic.StreamObject({NAME(k): v for k, v in (known | entries).items()}, stream_data=b"")
    reference = writer.add_object(form)
    own_field(writer)[NAME("/AP")] = generic.DictionaryObject({NAME(key): reference for key in drawings})


def plain_drawing(writer: QuietWriter) -> None:
    _drawn(writer, {})


def drawing_on_touch(writer: QuietWriter) -> None:
    _drawn(writer, {}, ("/N", "/R"))


def drawing_with_script(writer: QuietWriter) -> None:
    _drawn(writer, {"/AA": generic.DictionaryObject()})


def drawing_with_a_file(writer: QuietWriter) -> None:
    _drawn(writer, {"/AF": generic.ArrayObject()})


def drawing_that_borrows_a_page(writer: QuietWriter) -> None:
    _drawn(
        writer, {"/Resources": generic.DictionaryObject({NAME("/XObject"): writer.root.raw_get("/Pages")})}
    )


def drawing_of_another_kind(writer: QuietWriter) -> None:
    _drawn(writer, {"/Subtype": NAME("/Image")})


def endless_drawing(writer: QuietWriter) -> None:
    last = writer.add_object(generic.DictionaryObject())
    for _step in range(600):
        last = writer.add_object(generic.DictionaryObject({NAME("/Next2"): last}))
    _drawn(writer, {"/Resources": last})


def other_field_relabelled(writer: QuietWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][3]
    field[NAME("/TU")] = generic.pdf_string("Khác")
    writer.update_container(field)


def added_field(writer: QuietWriter) -> None:
    field = writer.add_object(
        generic.DictionaryObject({NAME("/FT"): NAME("/Sig"), NAME("/T"): generic.pdf_string("X")})
    )
    fields = writer.root["/AcroForm"]["/Fields"]
    fields.append(field)
    writer.mark_update(writer.root.raw_get("/AcroForm"))


def appearances_wanted(writer: QuietWriter) -> None:
    writer.root["/AcroForm"][NAME("/NeedAppearances")] = generic.BooleanObject(True)
    writer.mark_update(writer.root.raw_get("/AcroForm"))


def first_signature_rewritten(writer: QuietWriter) -> None:
    value = writer.root["/AcroForm"]["/Fields"][1]["/V"]
    value[NAME("/Reason")] = generic.pdf_string("Không đồng ý")
    writer.update_container(value)


def first_drawing_rewritten(writer: QuietWriter) -> None:
    reference = writer.root["/AcroForm"]["/Fields"][1]["/AP"].raw_get("/N")
    form = generic.StreamObject(dict(reference.get_object()), stream_data=b"1 g")
    writer.objects[(0, reference.idnum)] = form


def shared_font_rewritten(writer: QuietWriter) -> None:
    font = writer.root["/AcroForm"]["/DR"]["/Font"]["/Bold"]
    font[NAME("/BaseFont")] = NAME("/Khac")
    writer.update_container(font)


def other_title(writer: QuietWriter) -> None:
    writer.set_info(generic.DictionaryObject({NAME("/Title"): generic.pdf_string("Khác")}))


def other_words(writer: QuietWriter) -> None:
    reference = writer.root.raw_get("/Metadata")
    old = writer.prev.get_object(reference.reference)
    changed = old.data.replace("Chương trình".encode(), "Biên bản".encode())
    assert changed != old.data
    writer.objects[(0, reference.idnum)] = generic.StreamObject(
        {NAME("/Type"): NAME("/Metadata"), NAME("/Subtype"): NAME("/XML")}, stream_data=changed
    )


def unused_object(writer: QuietWriter) -> None:
    writer.add_object(generic.DictionaryObject({NAME("/Hidden"): generic.pdf_string("x")}))


def validation_data(writer: QuietWriter) -> None:
    writer.root[NAME("/DSS")] = writer.add_object(generic.DictionaryObject())
    writer.update_root()


CHANGES = [
    (pdf_tools.replaced_page, "page"),
    (overlay, "page"),
    (rewritten_content, "page"),
    (removed_page, "page"),
    (page_replaced_by_information, "properties"),
    (pdf_tools.added_note, "annotation"),
    (pdf_tools.added_script, "script"),
    (named_script, "script"),
    (page_script, "script"),
    (field_script, "script"),
    (attached_file, "attachment"),
    (replaced_attachment, "attachment"),
    (own_field_moved, "field_moved"),
    (own_field_renamed, "field_changed"),
    (own_field_hidden, "field_changed"),
    (drawing_on_touch, "appearance"),
    (drawing_with_script, "script"),
    (drawing_with_a_file, "attachment"),
    (drawing_that_borrows_a_page, "appearance"),
    (drawing_of_another_kind, "appearance"),
    (endless_drawing, "too_complex"),
    (other_field_relabelled, "other_field"),
    (appearances_wanted, "other_field"),
    (added_field, "field_added"),
    (pdf_tools.redrawn_signature, "earlier_signature"),
    (pdf_tools.moved_field, "earlier_signature"),
    (pdf_tools.removed_signature, "earlier_signature"),
    (first_signature_rewritten, "earlier_signature"),
    (first_drawing_rewritten, "earlier_signature"),
    (shared_font_rewritten, "page"),
    (other_title, "properties"),
    (other_words, "properties"),
    (unused_object, "extra_object"),
    (validation_data, "ltv"),
]


# --- Malformed after the head --------------------------------------------------------------------------
def revision(
    head: bytes,
    body: bytes,
    *,
    trailer: bytes = b"",
    entries: bytes = b"0 0\n",
    prev: int | None = None,
    root: bytes = b"",
) -> bytes:
    """A hand-written revision: body, cross-reference, trailer."""
    last = int(re.findall(rb"startxref\s+(\d+)", head)[-1])
    root = root or re.findall(rb"/Root (\d+ \d+ R)", head)[-1]
    ids = re.findall(rb"/ID ?\[.*?\]", head, re.DOTALL)[-1]
    start = len(head) + len(body)
    previous = b"/Prev %d" % (last if prev is None else prev)
    return (
        head
        + body
        + b"xref\n"
        + entries
        + b"trailer\n<</Size 99999 /Root %s %s %s %s>>\n" % (root, ids, previous, trailer)
        + b"startxref\n%d\n%%%%EOF\n" % start
    )


def entry_at(head: bytes, number: int) -> bytes:
    return b"%d 1\n%010d 00000 n \n" % (number, len(head))


def malformed(head: bytes) -> dict[str, tuple[bytes, str]]:
    lock = b"900 0 obj\n<</Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P 4>>\nendobj\n" % (
        b"x" * 32,
        b"x" * 32,
    )
    nested = b"1 0 obj\n" + b"[" * 20000 + b"]" * 20000 + b"\nendobj\n"
    many = [b"%d 0 obj\n<<>>\nendobj\n" % number for number in range(1000, 11000)]
    table, offset = b"1000 10000\n", len(head)
    for one in many:
        table, offset = table + b"%010d 00000 n \n" % offset, offset + len(one)
    own = int(re.findall(rb"startxref\s+(\d+)", head)[-1])
    return {
        "nothing but blanks": (head + b"\n" * 100, "revisions"),
        "garbage": (head + b"garbage", "revisions"),
        "much garbage": (head + b"garbage" * 400, "unreadable"),
        "cut": (head + b"\n900 0 obj\n<</A", "revisions"),
        "no table": (head + b"\nstartxref\n99999999\n%%EOF\n", "unreadable"),
        "table at zero": (head + b"\nstartxref\n0\n%%EOF\n", "unreadable"),
        "loop to itself": (revision(head, b"", prev=len(head)), "unreadable"),
        "table of before": (head + b"\nstartxref\n%d\n%%%%EOF\n" % own, "revisions"),
        "encrypted": (
            revision(head, lock, trailer=b"/Encrypt 900 0 R", entries=entry_at(head, 900)),
            "encrypted",
        ),
        "deep": (revision(head, nested, entries=entry_at(head, 1)), "too_complex"),
        "10000 objects": (revision(head, b"".join(many), entries=table), "no_signature"),
        "other root": (revision(head, b"", root=b"4 0 R"), "unreadable"),
        "lost table entry": (revision(head, b"", entries=b"900 1\n9999999999 00000 n \n"), "no_signature"),
        "no numbers": (revision(head, b"", entries=b"a b\n"), "unreadable"),
        "two ends": (revision(revision(head, b""), b""), "revisions"),
    }
