"""The portal's verdicts beside those of validators that nobody here wrote.

| | digest and value | chain | what the ranges leave out | what was added later |
| --- | --- | --- | --- | --- |
| the portal | yes | yes | yes | yes |
| pyHanko as it comes | yes | yes | yes | yes |
| poppler's pdfsig | yes | (needs an NSS store: not asked here) | says so | says so, and calls it valid |
| openssl cms | yes | yes | no | no |

Nobody may call good what the portal calls altered, and the portal nothing good that another calls broken.
"""

import asyncio
import io

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from agreements import keys, pades
from agreements.pades import Verdict
from tests.agreements.pdf_tools import (
    AT,
    CHANGES,
    LATER,
    Cast,
    append,
    cast,  # noqa: F401 - a fixture
    openssl_accepts,
    pdfsig,
)

ALL = 6  # the portal's and five signers'


def by_portal(pdf: bytes, of: Cast) -> list[bool]:
    return [row.verdict is Verdict.GOOD for row in pades.verify(pdf, of.trust, at=LATER).signatures]


def by_pyhanko(pdf: bytes, of: Cast) -> list[bool]:
    """Its own bottom line, with its own difference policy."""

    async def ask() -> list[bool]:
        root = x509.Certificate.load(of.authority.root)
        context = ValidationContext(trust_roots=[root], moment=LATER, allow_fetching=False)
        reader = PdfFileReader(io.BytesIO(pdf))
        return [await is_good(found, context) for found in reader.embedded_signatures]

    async def is_good(found, context) -> bool:
        try:
            return (await async_validate_pdf_signature(found, context)).bottom_line
        except PdfReadError:  # its difference policy reads what was broken
            return False

    return asyncio.run(ask())


def by_pdfsig(pdf: bytes, folder) -> list[bool]:
    return [seen.is_valid for seen in pdfsig(pdf, folder)]


def test_good_file_is_good_for_all(cast, tmp_path):  # noqa: F811
    pdf = cast.signed
    assert by_portal(pdf, cast) == by_pyhanko(pdf, cast) == [True] * ALL
    assert (
        by_pdfsig(pdf, tmp_path) == openssl_accepts(pdf, tmp_path, cast.authority.root, at=AT) == [True] * ALL
    )


def test_changed_page_is_bad_for_all(cast, tmp_path):  # noqa: F811
    place = cast.signed.index(b"stream") + 40
    pdf = cast.signed[:place] + bytes([cast.signed[place] ^ 1]) + cast.signed[place + 1 :]
    assert by_portal(pdf, cast) == by_pyhanko(pdf, cast) == [False] * ALL
    assert by_pdfsig(pdf, tmp_path) == [False] * ALL
    assert openssl_accepts(pdf, tmp_path, cast.authority.root, at=AT) == [False] * ALL


def test_changed_signature_value_is_bad_for_all(cast, tmp_path):  # noqa: F811
    """The last signer's: one digit inside her signature value. The five before stand."""
    head = cast.signed
    end = head.rindex(b"/Contents <") + len(b"/Contents <")
    cms = bytes.fromhex(head[end : head.index(b">", end)].decode())
    used = cms.rstrip(b"\0")
    changed = used[:-6] + bytes([used[-6] ^ 1]) + used[-5:]
    pdf = head[:end] + changed.hex().encode() + head[end + 2 * len(changed) :]
    before = [True] * (ALL - 1) + [False]
    assert by_portal(pdf, cast)[-1] is by_pyhanko(pdf, cast)[-1] is False
    assert by_pdfsig(pdf, tmp_path) == before
    assert openssl_accepts(pdf, tmp_path, cast.authority.root, at=AT) == before


@pytest.mark.parametrize("change", CHANGES)
def test_addition_after_the_signatures_is_bad_for_who_can_see_it(cast, tmp_path, change):  # noqa: F811
    """Why pdfsig and openssl alone are not enough: both go on calling every signature valid."""
    pdf = append(cast.signed, change)
    ours, stock = by_portal(pdf, cast), by_pyhanko(pdf, cast)
    assert not any(ours)
    assert not any(good for good, other in zip(ours, stock, strict=False) if not other)
    assert all(openssl_accepts(pdf, tmp_path, cast.authority.root, at=AT))


def test_other_authority_is_trusted_by_nobody_who_looks_at_the_chain(cast, tmp_path):  # noqa: F811
    other = tmp_path / "other"
    keys.create_authority(other, b"o" * 32, common_name="Cổng phối hợp", at=AT, demo=True)
    root = keys.Authority.load(other, b"o" * 32).root
    report = pades.verify(cast.signed, pades.Trust((root,)), at=LATER)
    assert {row.trusted for row in report.signatures} == {None}
    assert not any(openssl_accepts(cast.signed, tmp_path, root, at=AT))
