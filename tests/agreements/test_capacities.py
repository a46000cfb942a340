"""In which capacity a post signs, and the lines that the Decree puts above the name."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from agreements import capacities, parties
from agreements.models import Signature
from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError
from portal.users.models import Role
from tests.agreements.pdf_tools import pdfsig
from tests.factories import NOW, TODAY, AuthorisationFactory, ProgrammeFactory, person

COLLECTIVE = "TM. BAN THƯỜNG TRỰC\nCHỦ TỊCH"
DAY = dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("block", "capacity", "lines"),
    [
        ("GIÁM ĐỐC", "head", ("GIÁM ĐỐC",)),
        ("GIÁM ĐỐC", "kt", ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")),
        ("GIÁM ĐỐC", "q", ("Q. GIÁM ĐỐC",)),
        ("GIÁM ĐỐC", "tl", ("TL. GIÁM ĐỐC", "CHÁNH VĂN PHÒNG")),
        ("GIÁM ĐỐC", "tuq", ("TUQ. GIÁM ĐỐC", "CHÁNH VĂN PHÒNG")),
        (COLLECTIVE, "tm", ("TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH")),
        (COLLECTIVE, "kt", ("TM. BAN THƯỜNG TRỰC", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")),
        (COLLECTIVE, "q", ("TM. BAN THƯỜNG TRỰC", "Q. CHỦ TỊCH")),
        (COLLECTIVE, "tuq", ("TUQ. CHỦ TỊCH", "CHÁNH VĂN PHÒNG")),
        ("\n CHỈ HUY TRƯỞNG \n", "kt", ("KT. CHỈ HUY TRƯỞNG", "PHÓ CHỈ HUY TRƯỞNG")),
    ],
)
def test_lines_above_the_name(block, capacity, lines):
    assert capacities.lines(block, capacity, title="Chánh Văn phòng") == lines


@pytest.fixture
def field(document, department):
    return document.fields.get(agency=department)


def offered(field, user) -> list[str]:
    return [choice.capacity for choice in capacities.choices(field, by=user, at=NOW)]


def test_each_post_has_its_capacity(document, field, head, deputy, front_head, focal_point):
    of_front = document.fields.get(agency__code="UBMTTQ")
    assert offered(field, head) == ["head"]
    assert offered(of_front, front_head) == ["tm"]
    assert offered(field, deputy) == ["kt"]
    assert offered(field, focal_point) == offered(field, front_head) == []


# --- By a paper on file -----------------------------------------------------------------------------
@pytest.fixture
def paper(document, focal_point, head):
    return AuthorisationFactory(person=focal_point, recorded_by=head, programme=document.programme)


def test_authorised_person_signs(document, paper, sign, focal_point, tmp_path):
    signature = sign(document, focal_point)
    assert (signature.capacity, signature.authorisation) == (Signature.Capacity.TUQ, paper)
    assert signature.capacity_lines == "TUQ. GIÁM ĐỐC\nCHÁNH VĂN PHÒNG"
    document.refresh_from_db()
    assert pdfsig(store.read(document.head_id), tmp_path)[-1].is_valid
    assert f'"authorisation":{paper.pk}' in Event.objects.get(verb="signature.added").payload


@pytest.mark.parametrize(
    "change",
    [
        {"valid_from": TODAY + DAY, "valid_until": TODAY + 9 * DAY},
        {"valid_from": TODAY - 9 * DAY, "valid_until": TODAY - DAY},
    ],
)
def test_paper_counts_between_its_days_only(document, focal_point, head, sign, change):
    AuthorisationFactory(person=focal_point, recorded_by=head, programme=document.programme, **change)
    with pytest.raises(RuleError):
        sign(document, focal_point)


def test_paper_for_another_programme_does_not_count(document, focal_point, head, sign, host):
    AuthorisationFactory(
        person=focal_point, recorded_by=head, programme=ProgrammeFactory(year=2031, host=host)
    )
    with pytest.raises(RuleError):
        sign(document, focal_point)


def test_paper_of_another_agency_gives_nothing(document, focal_point, front, front_head, sign):
    AuthorisationFactory(
        person=focal_point, agency=front, recorded_by=front_head, programme=document.programme
    )
    with pytest.raises(PermissionDenied):
        sign(document, focal_point)


def test_acting_head_chooses_between_her_capacities(document, field, deputy, officer, sign):
    acting = AuthorisationFactory(person=deputy, recorded_by=officer, capacity="q", title="")
    assert offered(field, deputy) == ["kt", "q"]
    signature = sign(document, deputy, capacity=f"q-{acting.pk}")
    assert signature.capacity_lines == "Q. GIÁM ĐỐC"


def test_capacity_that_is_not_hers_is_refused(document, deputy, sign):
    with pytest.raises(RuleError):
        sign(document, deputy, capacity="head")
    assert not Signature.objects.exists()


# --- A deputy says why ------------------------------------------------------------------------------
def test_deputy_who_was_handed_nothing_says_why(document, deputy, sign):
    with pytest.raises(RuleError):
        sign(document, deputy)
    assert sign(document, deputy, grounds="Giám đốc đi công tác").grounds == "Giám đốc đi công tác"


def test_deputy_to_whom_it_was_handed_says_nothing(document, field, head, deputy, sign):
    parties.delegate(field, by=head, at=NOW, to=deputy)
    assert sign(document, deputy).grounds == capacities.HANDED_OVER


def test_deputy_of_an_absent_head_says_nothing(document, field, officer, deputy, sign):
    parties.mark_absent(field, by=officer, at=NOW)
    assert sign(document, deputy).grounds == capacities.ABSENT


def test_other_deputy_does_not_sign_what_was_handed_over(document, field, head, deputy, department, sign):
    parties.delegate(field, by=head, at=NOW, to=deputy)
    other = person("sxd.pgd2", Role.DEPUTY_HEAD, department)
    with pytest.raises(RuleError, match="Tạ Thu Hà"):
        sign(document, other, grounds="Giám đốc đi công tác")


def test_head_signs_what_she_handed_over(document, field, head, deputy, sign):
    parties.delegate(field, by=head, at=NOW, to=deputy)
    assert sign(document, head).capacity == Signature.Capacity.HEAD
