"""Files of every kind, good and hostile, made anew: nothing hostile lies in the repository."""

import pikepdf
from pikepdf import Array, Name, String

from portal.files.worker.findings import Reason
from tests.portal.files.making import (
    deep,
    docx,
    embedded,
    flate_bomb,
    lying_count,
    lying_zip,
    mutated,
    on_a_button,
    opening,
    orphan_script,
    package,
    page_bomb,
    pdf,
    pdf_saying,
    picture,
    png_bomb,
    png_saying,
    raw_pdf,
    relation,
    relations,
    stamped,
    titled,
    xfa,
    xlsx,
    xmp_titled,
)

__all__ = ["GOOD", "HOSTILE", "flate_bomb", "mutated", "page_bomb", "pdf", "picture"]

XXE = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">&x;</w:document>'
)
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(12))
    + "]><w:document>&m;</w:document>"
)

GOOD: dict[str, tuple[str, bytes]] = {
    "pdf": ("Biên bản.pdf", pdf_saying("BIEN BAN LAM VIEC", "MAT TRAN TO QUOC")),
    "pdf of 500 pages": ("a.pdf", pdf(pages=500)),
    "pdf that opens on a page": ("a.pdf", pdf(opening(S=Name.GoTo, D=Array([0, Name.Fit])))),
    "pdf with a web link": ("a.pdf", pdf(on_a_button(S=Name.URI, URI=String("https://thanhhoa.gov.vn")))),
    "pdf with packed objects": ("a.pdf", pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate)),
    "png": ("Ảnh.PNG", png_saying("Nội dung không mật")),
    "jpeg": ("Ảnh.jpeg", picture("JPEG", comment="Mặt trận Tổ quốc")),
    "docx": ("Báo cáo.docx", docx("Luật Bảo vệ bí mật nhà nước", "mật độ dân số")),
    "docx with a web link": (
        "a.docx",
        docx(
            "x",
            word___rels__document_DOT_xml_DOT_rels=relations(
                relation("hyperlink", "https://a.vn", outside=True)
            ),
        ),
    ),
    "xlsx": ("Số liệu.xlsx", xlsx("Mật độ", "mật")),
    "text": ("Ghi chú.txt", "Nội dung không mật\n".encode()),
    "csv with a byte order mark": ("a.csv", "\ufeffCột;Số\nmật ong;3\n".encode()),
}

HOSTILE: dict[str, tuple[str, bytes, Reason | None]] = {
    # PDF
    "cut pdf": ("a.pdf", pdf(pages=20)[:-400], Reason.DAMAGED),
    "head of a pdf only": ("a.pdf", b"%PDF-1.7\n", Reason.DAMAGED),
    "open action with a script": ("a.pdf", pdf(opening(S=Name.JavaScript, JS=String("1"))), Reason.SCRIPT),
    "open action to the web": ("a.pdf", pdf(opening(S=Name.URI, URI=String("http://a.vn"))), Reason.SCRIPT),
    "launch": ("a.pdf", pdf(on_a_button(S=Name.Launch, F=String("cmd.exe"))), Reason.SCRIPT),
    "script on a button": ("a.pdf", pdf(on_a_button(S=Name.JavaScript, JS=String("1"))), Reason.SCRIPT),
    "script that nothing leads to": ("a.pdf", pdf(orphan_script), Reason.SCRIPT),
    "script in packed objects": (
        "a.pdf",
        pdf(orphan_script, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        Reason.SCRIPT,
    ),
    "form that sends itself": (
        "a.pdf",
        pdf(on_a_button(S=Name.SubmitForm, F=String("http://a.vn"))),
        Reason.SCRIPT,
    ),
    "embedded file": ("a.pdf", pdf(embedded), Reason.EMBEDDED),
    "xfa": ("a.pdf", pdf(xfa), Reason.XFA),
    "password": ("a.pdf", pdf(encryption=pikepdf.Encryption(owner="b", user="a")), Reason.ENCRYPTED),
    "owner's password only": (
        "a.pdf",
        pdf(encryption=pikepdf.Encryption(owner="b", user="")),
        Reason.ENCRYPTED,
    ),
    "501 pages": ("a.pdf", pdf(pages=501), Reason.TOO_MANY_PAGES),
    "a lying number of pages": ("a.pdf", lying_count(), Reason.TOO_MANY_PAGES),
    "page bomb": ("a.pdf", page_bomb(), None),
    "unpacking bomb in a pdf": ("a.pdf", flate_bomb(), None),
    "deep nesting": ("a.pdf", pdf(deep), Reason.TOO_COMPLEX),
    "no root": ("a.pdf", raw_pdf([b"<</Type/Nothing>>"]), None),
    "pages that are their own children": (
        "a.pdf",
        raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[2 0 R]>>"]),
        None,
    ),
    # Pictures
    "cut png": ("a.png", picture()[:-20], Reason.DAMAGED),
    "png bomb": ("a.png", png_bomb(60_000, 60_000), Reason.TOO_MANY_PIXELS),
    "png whose claim is just allowed": ("a.png", png_bomb(7000, 7000), None),
    "jpeg without a picture": ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(200), None),
    # Office
    "macro": ("a.docx", docx("x", word__vbaProject_DOT_bin=b"x"), Reason.MACRO),
    "macro by its type": (
        "a.docx",
        docx(
            "x",
            extra_types='<Override PartName="/x.bin" ContentType="application/vnd.ms-office.vbaProject"/>',
        ),
        Reason.MACRO,
    ),
    "embedded object": ("a.docx", docx("x", word__embeddings__o_DOT_bin=b"x"), Reason.EMBEDDED),
    "activex": ("a.docx", docx("x", word__activeX__a_DOT_xml="<a/>"), Reason.EMBEDDED),
    "external template": (
        "a.docx",
        docx(
            "x",
            word___rels__s_DOT_rels=relations(relation("attachedTemplate", "http://a.vn/t", outside=True)),
        ),
        Reason.EXTERNAL,
    ),
    "link to a file of the network": (
        "a.docx",
        docx("x", word___rels__s_DOT_rels=relations(relation("hyperlink", "file://a/b", outside=True))),
        Reason.EXTERNAL,
    ),
    "external workbook": ("a.xlsx", xlsx("x", xl__externalLinks__e_DOT_xml="<a/>"), Reason.EXTERNAL),
    "xxe": ("a.docx", docx(xml=XXE), Reason.BOMB),
    "billion laughs": ("a.docx", docx(xml=LAUGHS), Reason.BOMB),
    "xxe in a sheet's drawing": ("a.xlsx", xlsx("x", xl__drawings__d_DOT_xml=XXE), Reason.BOMB),
    "zip bomb": ("a.docx", docx("x", word__media__a_DOT_png=bytes(100_000_000)), Reason.BOMB),
    "many small bombs": (
        "a.xlsx",
        xlsx("x", **{f"xl__media__{n}_DOT_bin": bytes(1_000_000) for n in range(130)}),
        Reason.BOMB,
    ),
    "a lying directory": ("a.docx", lying_zip(), None),
    "zip slip": ("a.docx", docx("x", **{"..__..__etc__passwd": b"x"}), Reason.DAMAGED),
    "zip slip the other way": ("a.docx", docx("x", **{"..\\..\\a": b"x"}), Reason.DAMAGED),
    "a plain zip": ("a.docx", package({"a.txt": b"x"}), Reason.UNKNOWN_KIND),
    "a sheet that says it is a text": ("a.docx", xlsx("x"), Reason.WRONG_EXTENSION),
    "broken xml": ("a.docx", docx(xml="<w:document>"), Reason.DAMAGED),
    "cut docx": ("a.docx", docx("x" * 500)[:-30], None),
    # Two at once
    "pdf that is a zip too": ("a.pdf", pdf() + package({"a.txt": b"x"}), Reason.TWO_KINDS),
    "picture that is a zip too": ("a.png", picture() + docx("x"), Reason.TWO_KINDS),
    "picture with something behind it": ("a.png", picture() + b"<script>", Reason.TWO_KINDS),
    "zip behind something": ("a.docx", b"PK\x03\x04" + bytes(50) + docx("x"), None),
    "pdf behind a page of the web": ("a.pdf", b"<html>" + pdf(), Reason.TWO_KINDS),
    "pdf behind the first bytes of a picture": ("a.jpg", b"\xff\xd8\xff\xe0" + pdf(), Reason.TWO_KINDS),
    # Names and sizes
    "nothing": ("a.pdf", b"", Reason.EMPTY),
    "spaces only": ("a.txt", b" \n", Reason.EMPTY),
    "program": ("a.exe", b"MZ\x90\x00", Reason.NAME),
    "program with another name": ("a.pdf", b"MZ\x90\x00" + bytes(60), Reason.UNKNOWN_KIND),
    "no extension": ("tai lieu", pdf(), Reason.NAME),
    "page of the web": ("a.html", b"<html><script>1</script>", Reason.NAME),
    "vector picture": ("a.svg", b"<svg onload='1'/>", Reason.NAME),
    "picture with another name": ("a.pdf", picture(), Reason.WRONG_EXTENSION),
    "pdf with another name": ("a.png", pdf(), Reason.WRONG_EXTENSION),
    "text of the last century": ("a.txt", "Biên bản".encode("utf-16"), Reason.UNKNOWN_KIND),
    "latin text": ("a.csv", b"caf\xe9", Reason.NOT_UTF8),
    # Markings
    "marked pdf": ("a.pdf", pdf_saying("SO CONG THUONG", "TUYET MAT"), Reason.MARKING),
    "pdf with a marked title": ("a.pdf", pdf(titled), Reason.MARKING),
    "pdf with a marked xmp title": ("a.pdf", pdf(xmp_titled), Reason.MARKING),
    "pdf with a stamp": ("a.pdf", pdf(stamped), Reason.MARKING),
    "marked docx": ("a.docx", docx("Sở Công Thương", "TỐI MẬT", "Báo cáo"), Reason.MARKING),
    "marked docx, spaced": ("a.docx", docx("Sở Công Thương", "[ T U Y Ệ T   M Ậ T ]"), Reason.MARKING),
    "marked docx header": (
        "a.docx",
        docx(
            "x",
            word__header1_DOT_xml='<h xmlns:w="w"><w:p><w:t>M</w:t><w:t>ẬT</w:t></w:p></h>',
        ),
        Reason.MARKING,
    ),
    "marked docx properties": (
        "a.docx",
        docx(
            "x",
            docProps__core_DOT_xml='<c xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Mật</dc:title></c>',
        ),
        Reason.MARKING,
    ),
    "marked cell": ("a.xlsx", xlsx("Số liệu", "Độ mật: Tối mật"), Reason.MARKING),
    "marked picture": ("a.png", png_saying("TUYỆT MẬT"), Reason.MARKING),
    "marked text": ("a.txt", "Kính gửi\n  * MẬT *\n".encode(), Reason.MARKING),
    "marked name": ("BC_TỐI MẬT_2026.pdf", pdf(), Reason.MARKING),
}
