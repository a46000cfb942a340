"""What the gate refuses, each with its own reason, beside what it lets through.

Every attack is made here, by code, from the same head and the same token as the accepted files.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import SigMDPSetup

from agreements import keys, pades
from agreements.pades.files import NAME, QuietWriter
from agreements.pades.uploads import check_upload
from tests.agreements import pdf_tools
from tests.agreements.attack_tools import CHANGES, malformed, overlay, own_field, plain_drawing
from tests.agreements.pdf_tools import AT, KEK, LATER, appearance, make_signer
from tests.agreements.token_tools import DAY, Issuer, Token, signed_elsewhere

FIELD, OTHER = "KY_002", "KY_003"


@dataclass(frozen=True)
class Stage:
    """A document with one signature of the portal, a token, and who issued it."""

    issuer: Issuer
    token: Token
    certified: bytes
    head: bytes
    genuine: bytes
    authority: keys.Authority


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("gate") / "ca"
    keys.create_authority(folder, KEK, common_name="Cổng", at=AT - timedelta(days=9), demo=True)
    authority = keys.Authority.load(folder, KEK)
    certified = pades.certify(pdf_tools.frozen_paper(), authority.certifier(), at=AT)
    head = pades.sign(certified, "KY_001", make_signer(authority, "Người ký 1"), appearance(), at=AT)
    issuer = Issuer()
    token = issuer.token()
    return Stage(issuer, token, certified, head, signed_elsewhere(head, FIELD, token), authority)


def judge(stage: Stage, signed: bytes, *, token: Token | None = None, trust=None, at=LATER, base=None) -> str:
    """Return the code of the refusal, "" when the file is accepted."""
    token = token or stage.token
    trust = trust or stage.issuer.trust()
    try:
        check_upload(base or stage.head, signed, FIELD, token.certificate, trust, at=at)
    except pades.CandidateRefused as refusal:
        return refusal.code
    return ""


def tampered(stage: Stage, change: Callable[[QuietWriter], None], *, field: str = FIELD) -> bytes:
    """A genuine signature by the right token over a revision that also does something else."""
    return pdf_tools.sign_with(stage.head, field, stage.token.signing_key, change)


# --- Accepted ----------------------------------------------------------------------------------------
def test_stock_program_is_accepted(stage):
    assert judge(stage, stage.genuine) == ""


@pytest.mark.parametrize(
    "given",
    [
        {"subfilter": SigSeedSubFilter.ADOBE_PKCS7_DETACHED},
        {"digest": "sha512"},
        {"contact_info": "0237"},
    ],
)
def test_other_ways_to_sign_are_accepted(stage, given):
    assert judge(stage, signed_elsewhere(stage.head, FIELD, stage.token, **given)) == ""


@pytest.fixture(scope="module")
def rsa_token(stage) -> Token:
    return stage.issuer.token(key=rsa.generate_private_key(65537, 2048))


@pytest.mark.parametrize("given", [{}, {"prefer_pss": True}], ids=["pkcs1", "pss"])
def test_rsa_token_is_accepted(stage, rsa_token, given):
    assert judge(stage, signed_elsewhere(stage.head, FIELD, rsa_token, **given), token=rsa_token) == ""


def test_hand_that_tampers_is_accepted_when_it_only_signs(stage):
    """The control of the changes below: the same hand, the same token, nothing else changed."""
    assert judge(stage, tampered(stage, lambda writer: None)) == ""


def test_objects_rewritten_as_they_were_are_accepted(stage):
    def rewrite(writer: QuietWriter) -> None:
        writer.update_root()
        writer.mark_update(writer.root.raw_get("/AcroForm"))

    assert judge(stage, tampered(stage, rewrite)) == ""


def test_portal_signs_after_an_accepted_file(stage):
    key = make_signer(stage.authority, "Người ký 3")
    signed = pades.sign(stage.genuine, OTHER, key, appearance(), at=AT)
    pades.check_candidate(stage.genuine, signed, OTHER, key.certificate)
    root = stage.authority.root
    lists = stage.authority.crl([], number=1, at=LATER), stage.authority.root_crl(KEK, number=1, at=LATER)
    other = stage.issuer.trust()
    report = pades.verify(
        signed, pades.Trust((root, *other.roots), (*lists, *other.crls)), at=LATER, diff=True
    )
    assert report.verdict is pades.Verdict.GOOD, [one.reason for one in report.signatures]


# --- The document changed below a genuine signature -----------------------------------------------------
@pytest.mark.parametrize(("change", "code"), CHANGES, ids=[change.__name__ for change, _code in CHANGES])
def test_change_below_a_genuine_signature_is_refused(stage, change, code):
    assert judge(stage, tampered(stage, change)) == code


def test_plain_drawing_is_accepted(stage):
    """The control of the drawings above."""
    assert judge(stage, tampered(stage, plain_drawing)) == ""


@pytest.mark.parametrize("change", pdf_tools.CHANGES, ids=lambda change: change.__name__)
def test_change_after_the_signature_is_refused(stage, change):
    """What pdfsig still calls valid: a page swapped in a revision of its own."""
    assert judge(stage, pdf_tools.append(stage.genuine, change)) == "revisions"


@pytest.mark.parametrize("change", [pdf_tools.replaced_page, overlay])
def test_change_before_the_signature_is_refused(stage, change):
    dirty = pdf_tools.append(stage.head, change)
    assert judge(stage, signed_elsewhere(dirty, FIELD, stage.token)) == "revisions"


# --- Another file ---------------------------------------------------------------------------------------
def test_other_document_is_refused(stage):
    other = pades.certify(pdf_tools.frozen_paper(), stage.authority.certifier(), at=AT + DAY)
    assert judge(stage, signed_elsewhere(other, FIELD, stage.token)) == "not_on_head"


def test_older_state_is_refused(stage):
    stale = signed_elsewhere(stage.certified, FIELD, stage.token)
    assert judge(stage, stale) == "not_on_head"
    assert judge(stage, stale, base=stage.certified) == "", "the control: on its own base it is genuine"


def test_file_saved_anew_is_refused(stage):
    assert judge(stage, b"%PDF-1.6\n" + stage.genuine[9:]) == "not_on_head"


def test_head_itself_is_refused(stage):
    assert judge(stage, stage.head) == "nothing_added"


def test_update_without_a_signature_is_refused(stage):
    assert judge(stage, pdf_tools.append(stage.head, lambda writer: writer.update_root())) == "no_signature"


def test_two_signatures_at_once_are_refused(stage):
    two = signed_elsewhere(stage.genuine, OTHER, stage.token)
    assert judge(stage, two) == "revisions"


def test_other_field_is_refused(stage):
    assert judge(stage, signed_elsewhere(stage.head, OTHER, stage.token)) == "wrong_field"


def test_field_that_is_signed_is_refused(stage):
    def again(writer: QuietWriter) -> None:
        writer.update_root()

    with pytest.raises(pades.CandidateRefused, match="wrong_field"):
        check_upload(
            stage.genuine,
            pdf_tools.append(stage.genuine, again),
            FIELD,
            stage.token.certificate,
            stage.issuer.trust(),
            at=LATER,
        )


# --- Somebody else, or not now -----------------------------------------------------------------------------
def test_certificate_of_another_person_is_refused(stage):
    other = stage.issuer.token("Trần Văn Khác")
    assert judge(stage, signed_elsewhere(stage.head, FIELD, other)) == "certificate"
    assert judge(stage, signed_elsewhere(stage.head, FIELD, other), token=other) == "", "the control"


def test_same_name_with_another_key_is_refused(stage):
    assert judge(stage, signed_elsewhere(stage.head, FIELD, stage.issuer.token())) == "certificate"


def test_untrusted_authority_with_the_same_names_is_refused(stage):
    token = Issuer().token()
    assert judge(stage, signed_elsewhere(stage.head, FIELD, token), token=token) == "chain"


def test_untrusted_authority_is_refused(stage):
    token = Issuer("CA lạ").token()
    assert judge(stage, signed_elsewhere(stage.head, FIELD, token), token=token) == "untrusted"


def test_authority_of_the_portal_is_not_external(stage):
    key = make_signer(stage.authority, "Người ký 2")
    token = Token(key.certificate, key.private_key, key.chain)
    assert judge(stage, signed_elsewhere(stage.head, FIELD, token), token=token) == "untrusted"


def test_expired_certificate_is_refused(stage):
    token = stage.issuer.token(end=AT + DAY)
    assert judge(stage, signed_elsewhere(stage.head, FIELD, token), token=token) == "expired"


def test_certificate_that_is_not_valid_yet_is_refused(stage):
    token = stage.issuer.token(start=LATER + DAY)
    assert judge(stage, signed_elsewhere(stage.head, FIELD, token), token=token) == "expired"


@pytest.mark.parametrize("moment", [AT - DAY, AT + DAY], ids=["before", "after"])
def test_revoked_certificate_is_refused(stage, moment):
    trust = stage.issuer.trust((stage.token, moment))
    assert judge(stage, stage.genuine, trust=trust) == "revoked"


def test_without_a_current_list_the_answer_is_no(stage):
    trust = stage.issuer.trust()
    old = stage.issuer.trust(at=LATER - 40 * DAY)
    assert judge(stage, stage.genuine, trust=old) == "revocation_unknown"
    assert judge(stage, stage.genuine, trust=pades.Trust(trust.roots)) == "revocation_unknown"
    assert judge(stage, stage.genuine, trust=pades.Trust(trust.roots, trust.crls[:1])) == "revocation_unknown"


def test_certificate_for_something_else_is_refused(stage):
    token = stage.issuer.token(usage=("key_encipherment",))
    assert judge(stage, signed_elsewhere(stage.head, FIELD, token), token=token) == "key_usage"


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP224R1())],
    ids=["rsa1024", "p224"],
)
def test_weak_key_is_refused(stage, key):
    token = stage.issuer.token(key=key)
    assert judge(stage, signed_elsewhere(stage.head, FIELD, token), token=token) == "weak_key"


def test_weak_digest_is_refused(stage):
    assert judge(stage, signed_elsewhere(stage.head, FIELD, stage.token, digest="sha1")) == "weak_digest"


def test_weak_digest_of_rsa_is_refused(stage, rsa_token):
    signed = signed_elsewhere(stage.head, FIELD, rsa_token, digest="sha1")
    assert judge(stage, signed, token=rsa_token) == "weak_digest"


def test_signature_that_locks_the_others_out_is_refused(stage):
    def lock(writer: QuietWriter) -> None:
        value = own_field(writer).raw_get("/V")
        SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES).apply(value, writer)

    assert judge(stage, tampered(stage, lock)) == "locks"


# --- The signature itself --------------------------------------------------------------------------------
RANGE = re.compile(rb"/ByteRange \[ ?(\d+) +(\d+) +(\d+) +(\d+) *\]")


def with_range(signed: bytes, change: Callable[[list[int]], list[int]]) -> bytes:
    """Rewrite the last ByteRange in place, as long as it was."""
    found = list(RANGE.finditer(signed))[-1]
    numbers = change([int(number) for number in found.groups()])
    text = b"/ByteRange [%s]" % b" ".join(b"%d" % number for number in numbers)
    assert len(text) <= len(found.group())
    return signed[: found.start()] + text.ljust(len(found.group())) + signed[found.end() :]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda r: r, ""),  # the control
        (lambda r: [0, r[1], r[2], r[3] - 10], "coverage"),
        (lambda r: [0, r[1] - 10, r[2], r[3]], "coverage"),
        (lambda r: [0, r[1], r[2] - 100, r[3]], "coverage"),
        (lambda r: [0, r[1], r[2] - 100, r[3] + 100], "coverage"),
        (lambda r: [0, r[1]], "byte_range"),
        (lambda r: [0, 0, 0, 0], "coverage"),
        (lambda r: [0, 9, 9, 9], "coverage"),
        (lambda r: [-1, r[1], r[2], r[3]][:3], "byte_range"),
    ],
)
def test_stretched_range_is_refused(stage, change, code):
    assert judge(stage, with_range(stage.genuine, change)) == code


def test_removed_range_is_refused(stage):
    place = stage.genuine.rindex(b"/ByteRange")
    assert judge(stage, stage.genuine[:place] + b"/ByteXange" + stage.genuine[place + 10 :]) in (
        "signature_shape",
        "byte_range",
    )


def test_overlapping_ranges_are_refused(stage):
    """pyHanko calls it the entire file: the sum of the lengths is right."""
    signed = pdf_tools.sign_short(stage.head, FIELD, stage.token.signing_key, unsigned=40)
    assert judge(stage, signed) == "coverage"


def test_trailing_bytes_are_refused(stage):
    for tail in (b"\n", b"%", b"\n%%EOF\n", b"\0" * 2000):
        assert judge(stage, stage.genuine + tail) in ("coverage", "unreadable"), tail


def test_flipped_byte_is_refused(stage):
    place = stage.genuine.index(b"stream", len(stage.head)) + 20
    flipped = bytes([stage.genuine[place] ^ 1])
    assert judge(stage, stage.genuine[:place] + flipped + stage.genuine[place + 1 :]) in (
        "digest",
        "unreadable",
    )


def contents(signed: bytes) -> tuple[int, int]:
    start = signed.rindex(b"/Contents <") + len(b"/Contents <")
    return start, signed.index(b">", start)


def test_replayed_signature_is_refused(stage):
    """The token's own genuine signature on an older state, put into the new one."""
    old = signed_elsewhere(stage.certified, FIELD, stage.token)
    first, last = contents(old)
    start, end = contents(stage.genuine)
    value = old[first:last].ljust(end - start, b"0")[: end - start]
    assert judge(stage, stage.genuine[:start] + value + stage.genuine[end:]) == "digest"


def test_certificate_without_its_key_is_refused(stage):
    mixed = Token(stage.token.certificate, stage.issuer.token().key, stage.token.chain)
    assert judge(stage, signed_elsewhere(stage.head, FIELD, mixed)) == "value"


def test_wrapped_signature_is_refused(stage):
    """The signed bytes moved away whole, and a second revision shown in their place."""
    start, end = contents(stage.genuine)
    filler = b"A" * 64
    moved = stage.genuine[: end + 1] + filler + stage.genuine[end + 1 :]
    shifted = with_range(moved, lambda r: [0, r[1], r[2] + len(filler), r[3]])
    assert start
    assert judge(stage, shifted) in ("coverage", "unreadable", "digest")


def test_signature_of_no_kind_is_refused(stage):
    def other_kind(writer: QuietWriter) -> None:
        own_field(writer)["/V"][NAME("/SubFilter")] = NAME("/adbe.x509.rsa_sha1")

    assert judge(stage, tampered(stage, other_kind)) == "signature_shape"


def test_garbage_as_a_value_is_refused(stage):
    start, end = contents(stage.genuine)
    for value in (b"0" * (end - start), b"30".ljust(end - start, b"F")):
        assert judge(stage, stage.genuine[:start] + value + stage.genuine[end:]) == "unreadable"


# --- Malformed after the head --------------------------------------------------------------------------
@pytest.mark.parametrize("name", list(malformed(b"/Root 1 0 R /ID [<00>] startxref\n0\n")))
def test_malformed_revision_is_refused(stage, name):
    signed, code = malformed(stage.head)[name]
    assert judge(stage, signed) == code


def test_genuine_file_is_what_its_hash_says(stage):
    """The file that the others were made from is still accepted, and none of them is it."""
    before = hashlib.sha256(stage.genuine).hexdigest()
    assert judge(stage, stage.genuine) == ""
    assert hashlib.sha256(stage.genuine).hexdigest() == before
