"""A small real paper, a fixed cast, the tools that nobody here wrote, and a hand that tampers."""

import asyncio
import hashlib
import io
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import pytest
import typst
from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from agreements import keys, pades
from agreements.pades import Appearance, FieldSpec, SigningKey, Trust
from agreements.pades.files import NAME, QuietWriter, find_field, open_pdf
from agreements.pades.signing import RESERVED, LocalSigner, _filled

FONTS = Path(__file__).parents[2] / "portal" / "papers" / "fonts"
BOLD = FONTS / "Appearance.ttf"
REGULAR = FONTS / "AppearanceRegular.ttf"

AT = datetime(2023, 3, 14, 2, 5, 7, tzinfo=UTC)  # 09:05:07 in Vietnam
PROGRAMME = b'{"year":2023}'

SOURCE = """
#set document(title: "Chương trình", date: datetime(year: 2023, month: 3, day: 1))
#set text(font: "Tinos", lang: "vi", fallback: false)
#pdf.attach("programme.json", bytes(sys.inputs.programme), relationship: "source",
  mime-type: "application/json", description: "Nội dung")
= Chương trình phối hợp
Trang một.
#pagebreak()
Trang hai.
"""

FIELDS = tuple(
    FieldSpec(f"KY_{n:03d}", 1 + n % 2, 60 + 250 * (n % 2), 120 + 110 * n, 220, 100, f"Chữ ký số {n}")
    for n in range(1, 6)
)


@lru_cache
def paper(standards: tuple[str, ...] = ("a-3a", "ua-1")) -> bytes:
    """Two tagged pages with an attachment: PDF/A-3a and PDF/UA-1, as the portal's own paper."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.compile(
        SOURCE.encode(),
        font_paths=fonts,
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=list(standards),
        sys_inputs={"programme": PROGRAMME.decode()},
    )


def appearance(name: str = "Phí Công Minh Triết", **changes: object) -> Appearance:
    values = {
        "lines": ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
        "name": name,
        "signed_at": AT,
        "note": "Cổng",
    }
    return Appearance(**(values | changes))


# The cast ------------------------------------------------------------------------------
KEK = b"k" * 32
LATER = AT + timedelta(days=2)


@dataclass(frozen=True)
class Cast:
    """An authority, five signers, and the document in its states."""

    authority: keys.Authority
    signers: tuple[keys.SigningKey, ...]
    frozen: bytes
    certified: bytes
    signed: bytes

    @property
    def trust(self) -> Trust:
        return Trust((self.authority.root,))

    def with_crls(self, revoked: list[tuple[int, datetime, str]], *, at: datetime = LATER) -> Trust:
        lists = self.authority.crl(revoked, number=1, at=at), self.authority.root_crl(KEK, number=1, at=at)
        return Trust((self.authority.root,), lists)


def make_signer(
    authority: keys.Authority, name: str, *, at: datetime = AT, days: int = 730
) -> keys.SigningKey:
    key = keys.generate_key()
    certificate = authority.issue(
        key.public_key(), common_name=name, organization="Sở Nội vụ", at=at - timedelta(days=1), days=days
    )
    return keys.SigningKey(certificate, key, (authority.issuing,))


def frozen_paper() -> bytes:
    return pades.freeze(paper(), FIELDS, font=BOLD, small_font=REGULAR)


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Cast:
    folder = tmp_path_factory.mktemp("authority") / "ca"
    keys.create_authority(folder, KEK, common_name="Cổng phối hợp", at=AT - timedelta(days=9), demo=True)
    authority = keys.Authority.load(folder, KEK)
    signers = tuple(make_signer(authority, f"Người ký {n}") for n in range(1, 6))
    frozen = frozen_paper()
    head = certified = pades.certify(frozen, authority.certifier(), at=AT)
    for field, key in zip(FIELDS, signers, strict=True):
        head = pades.sign(head, field.name, key, appearance(), at=AT)
    return Cast(authority, signers, frozen, certified, head)


# Tools nobody here wrote -------------------------------------------------------------------
def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        message = f"{name} is not installed (Debian: poppler-utils, qpdf, openssl)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@dataclass(frozen=True)
class Seen:
    """One signature as pdfsig reports it."""

    field: str
    signer: str
    kind: str
    is_valid: bool
    covers_file: bool


def pdfsig(pdf: bytes, folder: Path) -> list[Seen]:
    path = folder / "seen.pdf"
    path.write_bytes(pdf)
    environment = os.environ | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
    done = subprocess.run(
        [tool("pdfsig"), "-nocert", str(path)], capture_output=True, text=True, env=environment, check=False
    )
    found = []
    for block in re.split(r"^Signature #\d+:$", done.stdout, flags=re.M)[1:]:
        values = dict(re.findall(r"^  - ([^:\n]+): (.*)$", block, flags=re.M))
        if "Signature Validation" not in values:
            continue  # an empty field
        found.append(
            Seen(
                field=values["Signature Field Name"],
                signer=values.get("Signer Certificate Common Name", ""),
                kind=values.get("Signature Type", ""),
                is_valid=values["Signature Validation"] == "Signature is Valid.",
                covers_file="- Total document signed" in block,
            )
        )
    return found


def openssl_accepts(pdf: bytes, folder: Path, root: bytes, *, at: datetime = AT) -> list[bool]:
    """Ask openssl about each signature: digest of the signed bytes, signature value, chain to the root.

    It knows nothing of PDF: neither what a range leaves out nor what was added after it.
    """
    (folder / "root.der").write_bytes(root)
    pem = folder / "root.pem"
    subprocess.run(
        [tool("openssl"), "x509", "-inform", "DER", "-in", folder / "root.der", "-out", pem], check=True
    )
    verdicts = []
    for found in re.finditer(rb"/ByteRange \[\s*(\d+) (\d+) (\d+) (\d+)\s*\]", pdf):
        first, length, second, rest = map(int, found.groups())
        (folder / "cms.der").write_bytes(bytes.fromhex(pdf[first + length + 1 : second - 1].decode()))
        (folder / "signed").write_bytes(pdf[first : first + length] + pdf[second : second + rest])
        command = [tool("openssl"), "cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any"]
        command += ["-in", str(folder / "cms.der"), "-content", str(folder / "signed"), "-CAfile", str(pem)]
        command += ["-attime", str(int(at.timestamp())), "-out", os.devnull]
        verdicts.append(subprocess.run(command, capture_output=True, check=False).returncode == 0)
    return verdicts


def qpdf_accepts(pdf: bytes, folder: Path) -> bool:
    path = folder / "checked.pdf"
    path.write_bytes(pdf)
    done = subprocess.run([tool("qpdf"), "--check", str(path)], capture_output=True, text=True, check=False)
    return done.returncode == 0 and "WARNING" not in done.stderr


def text_boxes(pdf: bytes, folder: Path, page: int) -> list[tuple[str, float, float, float, float]]:
    """Words with their boxes in points from the top left, as poppler sees the page and its fields."""
    path = folder / "text.pdf"
    path.write_bytes(pdf)
    command = [tool("pdftotext"), "-bbox", "-f", str(page), "-l", str(page), str(path), "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    pattern = r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
    return [
        (word, float(x0), float(y0), float(x1), float(y1))
        for x0, y0, x1, y1, word in re.findall(pattern, done.stdout)
    ]


# A hand that tampers -----------------------------------------------------------------------
def append(pdf: bytes, change: Callable[[QuietWriter], None]) -> bytes:
    """One more revision, without a signature."""
    reader = open_pdf(pdf)
    writer = QuietWriter(reader.stream, prev=reader)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sign_with(
    head: bytes, field: str, key: SigningKey, change: Callable[[QuietWriter], None], at: datetime = AT
) -> bytes:
    """A genuine signature over a revision that also does something else."""
    reader = open_pdf(head)
    writer = QuietWriter(reader.stream, prev=reader)
    placeholder = SignatureObject(timestamp=at, subfilter=SigSeedSubFilter.PADES, bytes_reserved=RESERVED)
    reference = find_field(writer, field)
    assert reference is not None
    reference.get_object()[NAME("/V")] = writer.add_object(placeholder)
    writer.mark_update(reference)
    change(writer)
    return _filled(placeholder, writer, key)


def sign_short(head: bytes, field: str, key: SigningKey, *, unsigned: int) -> bytes:
    """A signature whose two ranges overlap at its own padding, and miss as many bytes at the end."""
    pdf = bytearray(sign_with(head, field, key, lambda writer: None))
    place = pdf.rindex(b"/ByteRange [") + len(b"/ByteRange [")
    end = pdf.index(b"]", place)
    _, first, second, length = map(int, pdf[place:end].split())
    second -= unsigned
    ranges = b"0 %d %d %d" % (first, second, length)
    assert len(ranges) == end - place
    pdf[place:end] = ranges
    digest = hashlib.sha256(pdf[:first] + pdf[second : second + length]).digest()
    cms = asyncio.run(LocalSigner(key).async_sign(digest, "sha256", use_pades=True)).dump()
    filled = cms.hex().upper().encode()
    pdf[first + 1 : first + 1 + RESERVED] = filled.ljust(RESERVED, b"0")
    return bytes(pdf)


def replaced_page(writer: QuietWriter) -> None:
    page = writer.root["/Pages"]["/Kids"][0]
    while "/Kids" in page:
        page = page["/Kids"][0]
    page[NAME("/Contents")] = writer.add_object(generic.StreamObject(stream_data=b"0 0 100 100 re f"))
    writer.update_container(page)


def added_note(writer: QuietWriter) -> None:
    field = writer.root["/AcroForm"]["/Fields"][1]
    note = generic.DictionaryObject(
        {
            NAME("/Type"): NAME("/Annot"),
            NAME("/Subtype"): NAME("/Text"),
            NAME("/Rect"): generic.ArrayObject(map(generic.NumberObject, (10, 10, 40, 40))),
            NAME("/Contents"): generic.pdf_string("Đồng ý"),
        }
    )
    writer.register_annotation(field.raw_get("/P"), writer.add_object(note))


def added_script(writer: QuietWriter) -> None:
    action = {NAME("/S"): NAME("/JavaScript"), NAME("/JS"): generic.pdf_string("app.alert(1)")}
    writer.root[NAME("/OpenAction")] = generic.DictionaryObject(action)
    writer.update_root()


def redrawn_signature(writer: QuietWriter) -> None:
    """Another name over a genuine signature."""
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(1)
    other = writer.root["/AcroForm"]["/Fields"][2]
    reference.get_object()[NAME("/AP")] = generic.DictionaryObject({NAME("/N"): other["/AP"].raw_get("/N")})
    writer.mark_update(reference)


def moved_field(writer: QuietWriter) -> None:
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(1)
    reference.get_object()[NAME("/Rect")] = generic.ArrayObject(map(generic.FloatObject, (1, 1, 90, 90)))
    writer.mark_update(reference)


def removed_signature(writer: QuietWriter) -> None:
    reference = writer.root["/AcroForm"]["/Fields"].raw_get(1)
    del reference.get_object()["/V"]
    writer.mark_update(reference)


CHANGES = [replaced_page, added_note, added_script, redrawn_signature, moved_field, removed_signature]
