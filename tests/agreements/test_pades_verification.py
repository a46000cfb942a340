"""What is said of a finished file, and of one that was tampered with."""

import hashlib
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.sign.diff_analysis import DiffResult

from agreements import keys, pades
from agreements.pades import Modification, Reason, Revocation, RootKind, Trust, Verdict
from agreements.pades.files import NAME, QuietWriter, open_pdf
from tests.agreements import pdf_tools
from tests.agreements.pdf_tools import (
    AT,
    CHANGES,
    FIELDS,
    KEK,
    LATER,
    Cast,
    added_note,
    added_script,
    appearance,
    cast,
    make_signer,
    replaced_page,
)

__all__ = ["cast"]  # the fixture


# Judging -----------------------------------------------------------------------------------
def test_five_signatures_are_good(cast: Cast) -> None:
    report = pades.verify(cast.signed, cast.trust, at=LATER)
    assert report.verdict is Verdict.GOOD
    assert [item.field for item in report.signatures] == ["CHUNG_THUC", *(field.name for field in FIELDS)]
    assert [item.is_certification for item in report.signatures] == [True] + [False] * 5
    for item in report.signatures:
        assert (item.intact, item.valid, item.trusted, item.covers_revision) == (True, True, True, True)
        assert (item.modification, item.reason) == (Modification.CLEAN, Reason.GOOD)
        assert item.signed_at == AT


def test_report_names_signer_agency_and_authority(cast: Cast) -> None:
    item = pades.verify(cast.signed, cast.trust, at=LATER, diff=False).signatures[1]
    assert (item.signer, item.organization, item.issuer) == ("Người ký 1", "Sở Nội vụ", "Cổng phối hợp")
    assert item.certificate == cast.signers[0].certificate


def test_report_knows_every_earlier_state(cast: Cast) -> None:
    report = pades.verify(cast.signed, cast.trust, at=LATER, diff=False)
    assert report.page_count == 2
    assert report.sha256 == hashlib.sha256(cast.signed).hexdigest()
    hashes = [revision.sha256 for revision in report.revisions]
    for state in (cast.frozen, cast.certified, cast.signed):
        assert hashlib.sha256(state).hexdigest() in hashes
    for number, revision in enumerate(report.revisions):
        found = pades.revision_bytes(cast.signed, number)
        assert (len(found), hashlib.sha256(found).hexdigest()) == (revision.size, revision.sha256)


def test_without_comparison_nothing_is_called_good(cast: Cast) -> None:
    report = pades.verify(cast.signed, cast.trust, at=LATER, diff=False)
    assert report.verdict is Verdict.UNKNOWN
    assert {item.reason for item in report.signatures} == {Reason.CHANGES_NOT_CHECKED}
    assert report.with_changes_checked().verdict is Verdict.GOOD


def test_without_lists_the_report_says_so(cast: Cast) -> None:
    report = pades.verify(cast.signed, cast.trust, at=LATER, diff=False)
    assert {item.revocation for item in report.signatures} == {Revocation.NOT_CHECKED}


def test_with_current_lists_all_are_good(cast: Cast) -> None:
    report = pades.verify(cast.signed, cast.with_crls([]), at=LATER)
    assert report.verdict is Verdict.GOOD
    assert {item.revocation for item in report.signatures} == {Revocation.CHECKED}


@pytest.mark.parametrize(
    ("after", "trusted", "reason"),
    [(-timedelta(hours=1), False, Reason.REVOKED), (timedelta(hours=1), None, Reason.REVOKED_LATER)],
)
def test_revoked_signer_is_not_trusted(
    cast: Cast, after: timedelta, trusted: bool | None, reason: Reason
) -> None:
    good = pades.verify(cast.signed, cast.with_crls([]), at=LATER, diff=False).signatures[3]
    trust = cast.with_crls([(good.serial, AT + after, "key_compromise")])
    report = pades.verify(cast.signed, trust, at=LATER)
    assert (report.signatures[3].trusted, report.signatures[3].reason) == (trusted, reason)
    assert report.signatures[3].intact
    assert {item.trusted for item in report.signatures if item.field != good.field} == {True}


def test_outdated_list_is_cannot_tell(cast: Cast) -> None:
    trust = cast.with_crls([], at=AT)
    assert pades.verify(cast.signed, trust, at=AT + timedelta(days=6), diff=False).signatures[1].trusted
    item = pades.verify(cast.signed, trust, at=AT + timedelta(days=30), diff=False).signatures[1]
    assert (item.trusted, item.reason) == (None, Reason.REVOCATION_UNKNOWN)


def test_expired_certificate_is_cannot_tell(cast: Cast) -> None:
    report = pades.verify(cast.signed, cast.trust, at=AT + timedelta(days=1000))
    assert {(item.trusted, item.reason) for item in report.signatures} == {(None, Reason.EXPIRED)}
    assert report.verdict is Verdict.UNKNOWN


def test_signature_after_expiry_is_bad(cast: Cast) -> None:
    key = make_signer(cast.authority, "Người hết hạn", days=2)
    signed = pades.sign(cast.certified, "KY_001", key, appearance(), at=AT + timedelta(days=3))
    item = pades.verify(signed, cast.trust, at=AT + timedelta(days=4)).signatures[1]
    assert (item.trusted, item.reason) == (False, Reason.OUTSIDE_VALIDITY)


def test_unknown_authority_is_cannot_tell(cast: Cast) -> None:
    report = pades.verify(cast.signed, Trust(()), at=LATER)
    assert {(item.trusted, item.reason) for item in report.signatures} == {(None, Reason.UNKNOWN_AUTHORITY)}
    assert report.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("kind", RootKind)
def test_signature_names_whose_root_it_leads_to(cast: Cast, kind: RootKind) -> None:
    trust = Trust(cast.trust.roots, kinds=(kind,))
    assert {item.kind for item in pades.verify(cast.signed, trust, at=LATER).signatures} == {kind}


def test_without_a_root_there_is_no_kind(cast: Cast) -> None:
    report = pades.verify(cast.signed, Trust(()), at=LATER)
    assert {item.kind for item in report.signatures} == {None}


def test_root_of_the_same_name_is_not_our_root(cast: Cast, tmp_path: Path) -> None:
    keys.create_authority(tmp_path / "ca", KEK, common_name="Cổng phối hợp", at=AT, demo=True)
    other = keys.Authority.load(tmp_path / "ca", KEK)
    key = make_signer(other, "Người ký 1", at=AT + timedelta(days=1))
    signed = pades.sign(cast.certified, "KY_001", key, appearance(), at=AT + timedelta(days=1))
    good, forged = pades.verify(signed, cast.trust, at=LATER).signatures
    assert good.verdict is Verdict.GOOD
    assert forged.trusted is not True
    assert forged.verdict is not Verdict.GOOD


def test_unsigned_paper_is_cannot_tell(cast: Cast) -> None:
    report = pades.verify(cast.frozen, cast.trust, at=LATER)
    assert (report.signatures, report.verdict) == ((), Verdict.UNKNOWN)


@pytest.mark.parametrize("change", CHANGES)
def test_change_after_signing_is_bad(cast: Cast, change: Callable[[QuietWriter], None]) -> None:
    assert pades.verify(cast.signed, cast.trust, at=LATER).verdict is Verdict.GOOD
    report = pades.verify(pdf_tools.append(cast.signed, change), cast.trust, at=LATER)
    assert report.verdict is Verdict.BAD
    assert {item.reason for item in report.signatures} == {Reason.CHANGED_LATER}
    assert all(item.intact and item.valid for item in report.signatures), "only the comparison sees it"


@pytest.mark.parametrize("change", CHANGES)
def test_change_hidden_below_a_later_signature_is_bad(
    cast: Cast, change: Callable[[QuietWriter], None]
) -> None:
    """A genuine signature on top does not heal what was slipped in before it."""
    head = cast.certified
    for field, key in zip(FIELDS[:2], cast.signers, strict=False):
        head = pades.sign(head, field.name, key, appearance(), at=AT)
    head = pdf_tools.append(head, change)
    head = pades.sign(head, "KY_003", cast.signers[2], appearance(), at=AT)
    report = pades.verify(head, cast.trust, at=LATER)
    assert report.verdict is Verdict.BAD
    by_field = {item.field: item.reason for item in report.signatures}
    assert by_field["CHUNG_THUC"] is by_field["KY_002"] is Reason.CHANGED_LATER
    assert by_field["KY_003"] is Reason.GOOD


@pytest.mark.parametrize("change", [lambda writer: None, *CHANGES])
def test_shared_comparison_is_never_laxer_than_pyhanko(
    cast: Cast, change: Callable[[QuietWriter], None]
) -> None:
    """Against the slow walk that the shared one stands for: the same document verdict, and signature by
    signature at least as strict. (For the certification alone a redrawn signature is as good as a first.)
    """
    pdf = pdf_tools.append(cast.signed, change)
    ours = [
        item.modification is Modification.CLEAN for item in pades.verify(pdf, cast.trust, at=LATER).signatures
    ]
    theirs = []
    for signature in open_pdf(pdf).embedded_signatures:
        signature.compute_integrity_info()
        theirs.append(isinstance(signature.diff_result, DiffResult))
    assert all(ours) == all(theirs)
    assert all(slow for fast, slow in zip(ours, theirs, strict=True) if fast)


@pytest.mark.parametrize("position", [0.2, 0.5, 0.9])
def test_flipped_byte_is_never_good(cast: Cast, position: float) -> None:
    place = int(len(cast.frozen) * position)
    broken = cast.signed[:place] + bytes([cast.signed[place] ^ 1]) + cast.signed[place + 1 :]
    try:
        report = pades.verify(broken, cast.trust, at=LATER)
    except pades.UnreadablePdf:
        return
    assert {item.reason for item in report.signatures} == {Reason.ALTERED}


def test_tampered_signature_value_is_invalid(cast: Cast) -> None:
    start = cast.signed.rindex(b"/Contents <") + len(b"/Contents <")
    end = cast.signed.index(b">", start)
    last = end - len(cast.signed[start:end]) + len(cast.signed[start:end].rstrip(b"0")) - 2
    flipped = b"A" if cast.signed[last : last + 1] != b"A" else b"B"
    report = pades.verify(cast.signed[:last] + flipped + cast.signed[last + 1 :], cast.trust, at=LATER)
    assert (report.signatures[-1].valid, report.signatures[-1].reason) == (False, Reason.INVALID)
    assert report.signatures[-2].reason is Reason.GOOD
    assert report.verdict is Verdict.BAD


# The job after each signature --------------------------------------------------------------
def test_newest_signature_is_judged_alone(cast: Cast) -> None:
    item = pades.verify_newest(cast.signed, cast.with_crls([]), at=LATER)
    assert (item.field, item.reason, item.revocation) == ("KY_005", Reason.GOOD, Revocation.CHECKED)


@pytest.mark.parametrize("change", [replaced_page, added_note, added_script])
def test_newest_signature_that_did_more_is_bad(cast: Cast, change: Callable[[QuietWriter], None]) -> None:
    """`verify` blames the earlier signatures for it; here the one that did it is named."""
    pdf = pdf_tools.sign_with(cast.certified, "KY_002", cast.signers[1], change)
    assert pades.verify_newest(pdf, cast.trust, at=LATER).reason is Reason.CHANGED_LATER
    assert pades.verify(pdf, cast.trust, at=LATER).signatures[0].reason is Reason.CHANGED_LATER


@pytest.mark.parametrize("change", CHANGES)
def test_revision_without_signature_has_no_newest(cast: Cast, change: Callable[[QuietWriter], None]) -> None:
    with pytest.raises(pades.UnreadablePdf, match="no_new_signature"):
        pades.verify_newest(pdf_tools.append(cast.signed, change), cast.trust, at=LATER)


def test_range_that_adds_up_but_leaves_the_end_unsigned_is_bad(cast: Cast) -> None:
    """The second part begins too early: lengths add up to the file, its last bytes are not signed."""
    pdf = pdf_tools.sign_short(cast.certified, "KY_001", cast.signers[0], unsigned=20)
    item = pades.verify(pdf, cast.trust, at=LATER).signatures[1]
    assert (item.intact, item.valid) == (True, True)
    assert (item.covers_revision, item.reason) == (False, Reason.NOT_COVERED)
    with pytest.raises(pades.CandidateRefused, match="coverage"):
        pades.check_candidate(cast.certified, pdf, "KY_001", cast.signers[0].certificate)


# Bytes that are no PDF ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda pdf: b"", "not_a_pdf"),
        (lambda pdf: b"GIF89a", "not_a_pdf"),
        (lambda pdf: pdf[: len(pdf) // 2], "malformed"),
        (lambda pdf: b"%PDF-1.7\n%%EOF\n", "malformed"),
        (lambda pdf: pdf.replace(b"/Type /Sig\n", b"/Type [[[[\n"), "malformed"),
    ],
)
def test_unreadable_bytes_are_told(cast: Cast, make: Callable[[bytes], bytes], code: str) -> None:
    with pytest.raises(pades.UnreadablePdf) as refused:
        pades.verify(make(cast.signed), cast.trust, at=LATER)
    assert refused.value.code == code


def test_encrypted_file_is_told(cast: Cast, tmp_path: Path) -> None:
    plain, encrypted = tmp_path / "plain.pdf", tmp_path / "encrypted.pdf"
    plain.write_bytes(cast.frozen)
    command = [pdf_tools.tool("qpdf"), "--encrypt", "", "x", "256", "--", str(plain), str(encrypted)]
    subprocess.run(command, check=True)
    with pytest.raises(pades.UnreadablePdf, match="encrypted"):
        pades.verify(encrypted.read_bytes(), cast.trust, at=LATER)


# The attachment ----------------------------------------------------------------------------
def test_attachment_comes_out_as_it_went_in(cast: Cast) -> None:
    assert pades.attachment(cast.signed, "programme.json") == pdf_tools.PROGRAMME
    assert pades.attachment(cast.signed, "other.json") is None


def test_attachment_replaced_later_is_not_believed(cast: Cast) -> None:
    def replace_it(writer: QuietWriter) -> None:
        names = writer.root["/Names"]["/EmbeddedFiles"]
        while "/Names" not in names:
            names = names["/Kids"][0]
        specification = names["/Names"][1]
        specification["/EF"][NAME("/F")] = writer.add_object(generic.StreamObject(stream_data=b"{}"))
        writer.update_container(specification["/EF"])

    pdf = pdf_tools.append(cast.signed, replace_it)
    assert b"{}" in pdf
    assert pades.attachment(pdf, "programme.json") == pdf_tools.PROGRAMME
