"""The download package: the signed file, and everything that one needs to judge it elsewhere."""

import base64
import datetime as dt
import io
import json
import textwrap
import zipfile
from collections.abc import Iterator

from agreements import access, authorities, pki, sheets, verification
from agreements.boards import board
from agreements.models import Document, Signature
from portal.files import store
from portal.papers.sheets import render_sheet
from portal.users.models import User

SIGNED = "van-ban-da-ky.pdf"
README = """\
GÓI VĂN BẢN KÝ SỐ
{title}
{number}
{state}

Trong gói
  {signed}        tệp PDF đã ký, đúng từng byte; chữ ký nằm trong tệp này
  to-bia.pdf               số, ngày, ai đã ký; không được ký, chỉ để đọc
{evidence}  ket-qua-kiem-tra.json    kết quả kiểm tra từng chữ ký do Cổng lưu
  chung-thu/               chứng thư gốc, chứng thư cấp phát và chứng thư của từng người ký (PEM)
  thu-hoi/                 danh sách thu hồi tại thời điểm tải (PEM)

Kiểm tra bằng công cụ độc lập
1. Tệp có đúng không:           sha256sum {signed}
                                phải bằng {sha256}
2. Chữ ký (poppler-utils):      pdfsig {signed}
   "Signature is Valid" nghĩa là nội dung đã ký không đổi. Muốn pdfsig tin chứng thư của Cổng:
                                mkdir nss && certutil -N -d nss --empty-password
                                certutil -A -d nss -n goc -t C,C,C -i chung-thu/goc.pem
                                certutil -A -d nss -n cap-phat -t ,, -i chung-thu/cap-phat.pem
                                pdfsig -nssdir nss {signed}
   pdfsig không nói nội dung thêm vào sau chữ ký: dòng "Total document signed" phải có ở chữ ký cuối.
3. Trên Cổng:                   trang /verify/ nhận tệp này và nói rõ từng chữ ký.

Chứng thư do Cổng phối hợp tự cấp, không phải chứng thư của Chính phủ. Trước khi tin, so mã nhận dạng của
chung-thu/goc.pem với mã nhận dạng do Bộ Chỉ huy Quân sự tỉnh công bố:
  openssl x509 -in chung-thu/goc.pem -noout -fingerprint -sha256

In English: van-ban-da-ky.pdf is the signed file; check it with pdfsig as above. Everything else in here
describes it and is not signed.
"""


def package(document: Document, *, reader: User, at: dt.datetime) -> bytes:
    """Return the package as a ZIP archive, with the evidence sheet for whoever may have it.

    Raises store.FileDamaged.
    """
    with_evidence = access.may_have_evidence(reader, document)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _files(document, reader, with_evidence=with_evidence, at=at):
            archive.writestr(name, content)
    return target.getvalue()


def _files(
    document: Document, reader: User, *, with_evidence: bool, at: dt.datetime
) -> Iterator[tuple[str, bytes]]:
    yield SIGNED, store.read(document.head_id)
    yield "to-bia.pdf", render_sheet(sheets.cover_sheet(document, at=at))
    if with_evidence:
        yield "phieu-bang-chung.pdf", render_sheet(sheets.evidence_sheet(document, reader=reader, at=at))
    yield "ket-qua-kiem-tra.json", _report(document, at=at)
    yield from _certificates(document, at=at)
    yield "README.txt", _readme(document, with_evidence=with_evidence).encode()


def _report(document: Document, *, at: dt.datetime) -> bytes:
    """The stored verdicts; for the newest file they are what the public page says."""
    report = verification.stored_report(document.revisions.get(seq=document.head_seq), at=at)
    facts = {
        "outcome": report.outcome.name.lower(),
        "level": report.standing.level.value if report.standing.level else None,
        "made_at": at.isoformat(),
        "sha256": document.head_id,
        "frozen_sha256": document.frozen_id,
        "title": document.title,
        "number": document.full_number or None,
        "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        "state": document.state,
        "parties": board(document).total,
        "agency_marks": document.agency_marks,
        "signatures": [_row(signature) for signature in report.signatures],
        "on_paper": [
            {
                "field": paper.field.name,
                "agency": paper.field.agency_name,
                "signer": paper.signer_name,
                "signed_on": paper.signed_on.isoformat(),
            }
            for paper in report.papers
        ],
    }
    return json.dumps(facts, ensure_ascii=False, indent=2).encode()


def _row(signature: Signature) -> dict[str, object]:
    return {
        "field": signature.field.name,
        "agency": signature.field.agency_name,
        "mark": "agency" if signature.is_agencys else "head",
        "signer": signature.signer_name,
        "capacity": signature.capacity,
        "kind": signature.kind,
        "root": signature.root_kind or None,
        "rests_on": signature.rests_on,
        "signed_at": signature.signed_at.isoformat(),
        "certificate": signature.any_certificate.serial,
        "check": signature.check_state,
        "finding": signature.check_detail,
        "revision": signature.seq,
        "revision_sha256": signature.file_id,
    }


def _certificates(document: Document, *, at: dt.datetime) -> Iterator[tuple[str, bytes]]:
    own, trust = authorities.authority(at=at), pki.trust(at=at)
    for number, root in enumerate(trust.roots):
        yield f"chung-thu/goc{f'-{number + 1}' if number else ''}.pem", _pem("CERTIFICATE", root)
    for number, issuer in enumerate(own.issuers):
        yield f"chung-thu/cap-phat{f'-{number + 1}' if number else ''}.pem", _pem("CERTIFICATE", issuer.der)
    for number, other in enumerate(trust.others, 1):
        yield f"chung-thu/trung-gian-{number}.pem", _pem("CERTIFICATE", other)
    for signature in document.signatures.select_related("field", "certificate", "external_certificate"):
        der = bytes(signature.any_certificate.der)
        yield f"chung-thu/{signature.field.name}.pem", _pem("CERTIFICATE", der)
    for number, crl in enumerate(trust.crls, 1):
        yield f"thu-hoi/{number}.pem", _pem("X509 CRL", crl)


def _pem(kind: str, der: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""]).encode()


def _readme(document: Document, *, with_evidence: bool) -> str:
    number = (
        f"Số {document.full_number}, ngày {document.issued_on:%d/%m/%Y}"
        if document.issued_on
        else "Chưa cấp số"
    )
    evidence = "  phieu-bang-chung.pdf     ai được báo, ai đã ký, khi nào, bằng chứng thư nào\n"
    return README.format(
        title=document.title,
        number=number,
        state=sheets.unfinished(document, board(document)) or "Đủ chữ ký của các bên.",
        signed=SIGNED,
        evidence=evidence if with_evidence else "",
        sha256=document.head_id,
    )
