"""Six years in the life of a sealed file, and more: what holds, and everything without which it does not.

The years are really lived: certificates expire, keys follow one
another, seals are renewed by what the portal has. Each control fails by one change to what holds.
"""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pytest
import time_machine
from asn1crypto import crl, x509
from pyhanko.pdf_utils import generic
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.path import ValidationPath

from agreements import keys, pades
from agreements.keys import SigningKey, StampAuthority, certificates
from agreements.keys.authority import ROOT
from agreements.keys.certificates import Issuer
from agreements.keys.lists import sign_list
from agreements.keys.timestamps import _private_key
from agreements.pades import Trust, longterm, repairs
from agreements.pades.files import NAME, QuietWriter
from tests import scale
from tests.agreements import pdf_tools
from tests.agreements.pdf_tools import AT, FIELDS, KEK, appearance, frozen_paper, make_signer

DAY = dt.timedelta(days=1)
YEAR = 365 * DAY
SEALED_AT = AT + dt.timedelta(hours=1)
FIELD = FIELDS[0].name
Entry = tuple[int, dt.datetime, str]


@dataclass
class House:
    """Two authorities, one frozen paper, and what happens to it in the years."""

    folder: Path
    frozen: bytes
    serial: int = 0
    revoked: list[Entry] = field(default_factory=list)
    stamps_revoked: list[Entry] = field(default_factory=list)
    issuing_revoked: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        began = AT - 30 * DAY
        keys.create_authority(self.folder / "ca", KEK, common_name="Cổng", at=began, demo=True)
        keys.create_stamp_authority(self.folder / "tsa", KEK, common_name="Cổng", at=began, demo=True)
        self.signer = make_signer(self.authority, "Người ký")

    @cached_property
    def authority(self) -> keys.Authority:
        return keys.Authority.load(self.folder / "ca", KEK)

    @property
    def stamps(self) -> StampAuthority:
        return StampAuthority.load(self.folder / "tsa", KEK)

    def stamp(self, at: dt.datetime) -> pades.Stamp:
        self.serial += 1
        serial = self.serial
        return lambda request: self.stamps.answer(request, serial=serial, at=at)

    def issuing_list(self, at: dt.datetime) -> bytes:
        return self.authority.crl(self.revoked, number=1, at=at)

    def root_list(self, at: dt.datetime) -> bytes:
        return self.authority.root_crl(KEK, self.issuing_revoked, number=1, at=at)

    def stamp_list(self, at: dt.datetime) -> bytes:
        key = _private_key(self.stamps.folder, ROOT, KEK)
        issuer = Issuer(self.stamps.root_certificate, key)
        return sign_list(issuer, self.stamps_revoked, number=1, at=at, days=30)

    def lists(self, at: dt.datetime) -> tuple[bytes, ...]:
        return self.issuing_list(at), self.root_list(at), self.stamp_list(at)

    def trust(self, at: dt.datetime) -> Trust:
        return Trust((self.authority.root,), self.lists(at), (self.stamps.root,))

    def certificates(self) -> tuple[bytes, ...]:
        return (
            *(self.authority.root, self.authority.issuing, self.stamps.root),
            *self.stamps.certificates(),
        )

    def signed(self, *, signer: SigningKey | None = None, at: dt.datetime = AT) -> bytes:
        head = pades.certify(self.frozen, self.authority.certifier(), at=at, stamp=self.stamp(at))
        key = signer or self.signer
        return pades.sign(head, FIELD, key, appearance(), at=at, stamp=self.stamp(at))

    def seal(self, pdf: bytes, at: dt.datetime = SEALED_AT, lists: Sequence[bytes] | None = None) -> bytes:
        crls = self.lists(at) if lists is None else lists
        return pades.seal(pdf, certs=self.certificates(), crls=crls, source=self.stamp(at))

    def renew(self, pdf: bytes, at: dt.datetime, *, with_list: bool = True) -> bytes:
        """Let a new stamping key follow, then stamp, as the daily job does it in time."""
        keys.add_stamp_key(self.stamps.folder, KEK, at=at)
        lists = [self.stamp_list(at)] if with_list else []
        return pades.seal(pdf, certs=self.stamps.certificates(), crls=lists, source=self.stamp(at))

    def why_not(self, pdf: bytes, at: dt.datetime, *, trust: Trust | None = None) -> str:
        """Return what is found of the signature; empty when it lasts."""
        with time_machine.travel(at):
            return pades.lasting(pdf, trust or self.trust(at), at=at)[FIELD]

    def why_not_ahead(self, pdf: bytes, at: dt.datetime = SEALED_AT) -> str:
        return pades.lasting(pdf, self.trust(at), at=at, ahead=at + 5 * YEAR)[FIELD]


@pytest.fixture(scope="module")
def paper() -> bytes:
    return frozen_paper()


@pytest.fixture
def house(tmp_path: Path, paper: bytes) -> House:
    pades.apply_repairs()
    return House(tmp_path, paper)


RENEWED, AFTER = AT + 5 * YEAR, AT + 6 * YEAR
"""A renewal in time, and a day on which signer and first time-stamp have long expired."""


# --- What holds -----------------------------------------------------------------------------------
def test_sealed_file_holds_now_and_five_years_ahead(house: House) -> None:
    pdf = house.seal(house.signed())
    assert set(pades.lasting(pdf, house.trust(SEALED_AT), at=SEALED_AT).values()) == {""}
    assert set(pades.lasting(pdf, house.trust(SEALED_AT), at=SEALED_AT, ahead=AT + 5 * YEAR).values()) == {""}
    report = pades.verify(pdf, house.trust(SEALED_AT), at=SEALED_AT)
    assert (report.verdict, report.level) == (pades.Verdict.GOOD, pades.Level.B_LTA)


def test_six_years_and_twelve_are_really_lived(house: House) -> None:
    """Two renewals; the signer and two certificates of time-stamps have expired."""
    pdf = house.renew(house.seal(house.signed()), RENEWED)
    with time_machine.travel(AFTER):
        report = pades.verify(pdf, house.trust(AFTER), at=AFTER)
    assert (report.verdict, report.level) == (pades.Verdict.GOOD, pades.Level.B_LTA)
    later = house.renew(pdf, AT + 10 * YEAR)
    assert house.why_not(later, AT + 12 * YEAR) == ""
    assert house.why_not(pdf, AT + 12 * YEAR), "the second renewal is missing"


@pytest.mark.parametrize("which", ["signer", "stamp"])
def test_revocation_after_the_next_stamp_spoils_nothing(house: House, which: str) -> None:
    pdf = house.seal(house.signed())
    serial = x509.Certificate.load(house.signer.certificate).serial_number
    if which == "stamp":
        serial = house.stamps.certificate.serial_number
        pdf = house.renew(pdf, SEALED_AT + 2 * DAY)
    rows = house.revoked if which == "signer" else house.stamps_revoked
    rows.append((serial, SEALED_AT + 3 * DAY, "key_compromise"))
    assert house.why_not(pdf, SEALED_AT + 4 * DAY) == ""


def test_list_of_the_signers_authority_is_not_needed_later(house: House) -> None:
    pdf = house.renew(house.seal(house.signed()), RENEWED)
    today = replace(house.trust(AFTER), crls=(house.root_list(AFTER), house.stamp_list(AFTER)))
    assert house.why_not(pdf, AFTER, trust=today) == ""


def test_window_of_a_list_may_reach_past_the_signers_end(house: House) -> None:
    short = make_signer(house.authority, "Ngắn hạn", days=3)
    assert house.why_not(house.renew(house.seal(house.signed(signer=short)), RENEWED), AFTER) == ""


@pytest.mark.soak
def test_whole_province_is_sealed_and_judged(house: House, evidence: Callable[..., None]) -> None:
    """Every agency signs; the job has minutes, and needs seconds."""
    count = scale.of(ci=3, full=46)
    rows = [pades.FieldSpec(f"KY_{n:03}", 1, 60, 20 + 16 * n, 220, 12, f"Ô {n}") for n in range(1, count + 1)]
    house.frozen = pades.freeze(pdf_tools.paper(), rows, font=pdf_tools.BOLD, small_font=pdf_tools.REGULAR)
    pdf = pades.certify(house.frozen, house.authority.certifier(), at=AT, stamp=house.stamp(AT))
    for row in rows:
        key = make_signer(house.authority, f"Người ký {row.name}")
        pdf = pades.sign(pdf, row.name, key, appearance(), at=AT, stamp=house.stamp(AT))
    begun = time.perf_counter()
    sealed = house.seal(pdf)
    seal_s, begun = time.perf_counter() - begun, time.perf_counter()
    pades.check_seal(pdf, sealed, house.trust(SEALED_AT), at=SEALED_AT)
    report = pades.verify(sealed, house.trust(SEALED_AT), at=SEALED_AT)
    ahead = pades.lasting(sealed, house.trust(SEALED_AT), at=SEALED_AT, ahead=AT + 5 * YEAR)
    judge_s = time.perf_counter() - begun
    assert (report.level, set(ahead.values())) == (pades.Level.B_LTA, {""})
    with time_machine.travel(AFTER):
        later = pades.verify(house.renew(sealed, RENEWED), house.trust(AFTER), at=AFTER)
    assert later.level is pades.Level.B_LTA
    assert judge_s < 120
    added_kb = (len(sealed) - len(pdf)) // 1024
    evidence("long-life", signers=count, seal_s=seal_s, judge_s=judge_s, added_kb=added_kb)


# --- Each repair is needed ------------------------------------------------------------------------------
def test_without_the_first_repair_nothing_holds(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf = house.seal(house.signed())
    monkeypatch.setattr(ValidationPath, "truncate_to_issuer_and_append", repairs._append)
    assert house.why_not_ahead(pdf) == "revocation_out_of_bounds_no_poe"


def test_without_the_second_repair_six_years_do_not_hold(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf = house.renew(house.seal(house.signed()), RENEWED)
    monkeypatch.setattr(ades, "past_validate", repairs._past_validate)
    assert house.why_not(pdf, AFTER)


def test_other_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repairs, "version", lambda name: "0.39.0")
    with pytest.raises(RuntimeError, match=r"0\.39\.0"):
        pades.apply_repairs()


# --- Controls of a file that was just sealed ------------------------------------------------------------
def test_store_without_archive_stamp_does_not_last(house: House) -> None:
    writer = longterm._writer(house.signed())
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[x509.Certificate.load(one) for one in house.certificates()],
        crls=[crl.CertificateList.load(one) for one in house.lists(SEALED_AT)],
    )
    out = pdf_tools.io.BytesIO()
    writer.write(out)
    pdf = out.getvalue()
    assert house.why_not_ahead(pdf)
    assert house.why_not(pdf, SEALED_AT)
    report = pades.verify(pdf, house.trust(SEALED_AT), at=SEALED_AT)
    assert (report.verdict, report.level) == (pades.Verdict.GOOD, pades.Level.B_LT)


@pytest.mark.parametrize("missing", [0, 1, 2], ids=["issuing", "root", "stamps"])
def test_seal_without_one_of_the_lists_does_not_last(house: House, missing: int) -> None:
    lists = [one for place, one in enumerate(house.lists(SEALED_AT)) if place != missing]
    assert house.why_not_ahead(house.seal(house.signed(), lists=lists))


@pytest.mark.parametrize("age", [30 * DAY, DAY], ids=["expired", "still valid"])
def test_list_older_than_the_signature_proves_nothing(house: House, age: dt.timedelta) -> None:
    lists = house.issuing_list(AT - age), *house.lists(SEALED_AT)[1:]
    pdf = house.seal(house.signed(), lists=lists)
    assert house.why_not(pdf, SEALED_AT)
    assert house.why_not_ahead(pdf)


def test_without_a_current_list_of_time_stamps_nothing_can_be_told(house: House) -> None:
    pdf, trust = house.seal(house.signed()), house.trust(SEALED_AT + 60 * DAY)
    assert house.why_not(pdf, SEALED_AT + 60 * DAY) == ""
    assert house.why_not(pdf, SEALED_AT + 60 * DAY, trust=replace(trust, crls=trust.crls[:2]))


def test_signature_without_time_stamp_does_not_last(house: House) -> None:
    head = pades.certify(house.frozen, house.authority.certifier(), at=AT, stamp=house.stamp(AT))
    pdf = house.seal(pades.sign(head, FIELD, house.signer, appearance(), at=AT))
    assert house.why_not_ahead(pdf) == "sig_constraints_failure"
    report = pades.verify(pdf, house.trust(SEALED_AT), at=SEALED_AT)
    assert (report.verdict, report.level) == (pades.Verdict.GOOD, pades.Level.B_B)


def test_store_that_cannot_be_read_spoils_nothing(house: House) -> None:
    def broken(writer: QuietWriter) -> None:
        writer.root[NAME("/DSS")] = generic.DictionaryObject({NAME("/CRLs"): generic.NumberObject(1)})
        writer.update_root()

    report = pades.verify(pdf_tools.append(house.signed(), broken), house.trust(SEALED_AT), at=SEALED_AT)
    assert {one.level for one in report.signatures} == {pades.Level.B_T}


def test_root_of_the_same_name_is_not_believed(house: House, tmp_path: Path) -> None:
    pdf, other = house.seal(house.signed()), House(tmp_path / "other", house.frozen)
    assert house.why_not(pdf, SEALED_AT, trust=other.trust(SEALED_AT))


def test_flipped_byte_of_a_page_is_seen(house: House) -> None:
    pdf = bytearray(house.seal(house.signed()))
    place = pdf.index(b"stream") + 40
    pdf[place] ^= 1
    report = pades.verify(bytes(pdf), house.trust(SEALED_AT), at=SEALED_AT)
    assert report.verdict is pades.Verdict.BAD


def test_page_replaced_after_sealing_is_seen(house: House) -> None:
    """pyHanko's own indication still passes here: the difference analysis catches it."""
    pdf = pdf_tools.append(house.seal(house.signed()), pdf_tools.replaced_page)
    report = pades.verify(pdf, house.trust(SEALED_AT), at=SEALED_AT)
    assert (report.verdict, report.level) == (pades.Verdict.BAD, None)


# --- Controls of six years ------------------------------------------------------------------------------
def test_without_renewal_it_is_lost(house: House) -> None:
    assert house.why_not(house.seal(house.signed()), AFTER)


def test_renewal_after_the_end_comes_too_late(house: House) -> None:
    pdf = house.renew(house.seal(house.signed()), AT + 6 * YEAR)
    assert house.why_not(pdf, AT + 6 * YEAR + DAY)


def test_renewal_without_a_fresh_list_breaks_the_chain(house: House) -> None:
    pdf = house.renew(house.seal(house.signed()), RENEWED, with_list=False)
    assert house.why_not(pdf, AFTER)


def revoke_signer(house: House, at: dt.datetime) -> None:
    serial = x509.Certificate.load(house.signer.certificate).serial_number
    house.revoked.append((serial, at, "key_compromise"))


def test_signer_revoked_before_signing_fails(house: House) -> None:
    revoke_signer(house, AT - DAY)
    pdf = house.seal(house.signed())
    assert house.why_not(pdf, SEALED_AT)
    assert house.why_not(house.renew(pdf, RENEWED), AFTER)


def test_entry_that_a_later_list_dropped_still_counts(house: House) -> None:
    revoke_signer(house, AT - DAY)
    shown = house.issuing_list(SEALED_AT)
    house.revoked.clear()
    pdf = house.seal(house.signed(), lists=(shown, *house.lists(SEALED_AT)))
    assert house.why_not(house.renew(pdf, RENEWED), AFTER)


def test_entry_that_only_the_list_of_today_shows_counts(house: House) -> None:
    pdf = house.renew(house.seal(house.signed()), RENEWED)
    assert house.why_not(pdf, AFTER) == ""
    revoke_signer(house, AT - DAY)
    assert house.why_not(pdf, AFTER)


def test_signer_revoked_between_signing_and_seal_is_lost_later(house: House) -> None:
    signed = house.signed()
    revoke_signer(house, AT + dt.timedelta(minutes=30))
    assert house.why_not(house.renew(house.seal(signed), RENEWED), AFTER)


def test_signer_expired_before_signing_fails(house: House) -> None:
    expired = make_signer(house.authority, "Hết hạn", at=AT - 20 * DAY, days=10)
    pdf = house.seal(house.signed(signer=expired))
    assert house.why_not(pdf, SEALED_AT)
    assert house.why_not(house.renew(pdf, RENEWED), AFTER)


def test_issuing_authority_revoked_before_signing_fails(house: House) -> None:
    revoke_issuing(house, AT - DAY)
    pdf = house.seal(house.signed())
    assert house.why_not(pdf, SEALED_AT)
    assert house.why_not(house.renew(pdf, RENEWED), AFTER)


# --- An issuing authority that was revoked, or has ended ------------------------------------------------
def revoke_issuing(house: House, at: dt.datetime) -> None:
    serial = x509.Certificate.load(house.authority.issuing).serial_number
    house.issuing_revoked.append((serial, at, "ca_compromise"))


def test_revoked_after_the_seal_holds_with_a_stamp_over_the_list_that_says_so(house: House) -> None:
    pdf = house.seal(house.signed())
    revoke_issuing(house, SEALED_AT + 2 * DAY)
    assert house.why_not(pdf, SEALED_AT + 3 * DAY) == ""
    soon = SEALED_AT + 3 * DAY
    named, unnamed = (house.seal(pdf, soon, lists) for lists in (house.lists(soon), [house.stamp_list(soon)]))
    assert house.why_not(house.renew(named, RENEWED), AFTER) == ""
    assert house.why_not(house.renew(unnamed, RENEWED), AFTER), "nothing shows that the seal came first"


def test_revoked_between_signing_and_seal_is_lost(house: House) -> None:
    signed = house.signed()
    revoke_issuing(house, SEALED_AT - dt.timedelta(minutes=30))
    assert house.why_not(house.seal(signed), SEALED_AT)


def test_issuing_authority_that_ended_holds_only_where_it_is_pinned(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "CA_YEARS", 3)
    house.authority.succeed(house.authority.root_key(KEK), KEK, at=AT - DAY)
    monkeypatch.undo()
    del house.authority
    house.signer = make_signer(house.authority, "Người ký")
    pdf, trust = house.renew(house.seal(house.signed()), RENEWED), house.trust(AFTER)
    assert house.authority.issuer.certificate.not_valid_after_utc < RENEWED
    pinned = replace(trust, roots=(*trust.roots, house.authority.issuing))
    assert house.why_not(pdf, AFTER, trust=pinned) == ""
    assert house.why_not(pdf, AFTER, trust=trust) == "certificate_chain_general_failure"


def test_stamping_key_revoked_before_the_renewal_fails(house: House) -> None:
    pdf = house.seal(house.signed())
    house.stamps_revoked.append((house.stamps.certificate.serial_number, RENEWED - DAY, "key_compromise"))
    assert house.why_not(house.renew(pdf, RENEWED), AFTER)
