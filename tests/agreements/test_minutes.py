"""The minutes: drafted from what was recorded, edited, frozen, confirmed by two, printed."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from agreements import attendances, conclusions, conference_paper, discussions, minutes
from agreements.attendances import Delegate
from agreements.conclusions import Concluded
from agreements.discussions import Said
from agreements.models import Conference
from portal.agencies.models import Agency
from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from portal.papers.meetings import render_invitation, render_minutes
from portal.users.models import Membership, Role, User
from tests.agreements.conferring import AFTERWARDS, ENDED, fresh, of, words
from tests.factories import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(conference, programme, officer, head, focal_point, front_head, department) -> Conference:
    """The department came and agrees in the main, the Front excused itself, the host said nothing."""
    somebody = Delegate("Trần Văn Đại", "Phó Giám đốc", "Mạc Văn Hùng")
    row = attendances.name(of(conference, "SXD"), by=focal_point, at=NOW, delegate=somebody)
    attendances.arrive(row, by=focal_point, at=NOW)
    attendances.excuse(of(conference, "UBMTTQ"), by=front_head, at=NOW, reason="Dự họp ở Trung ương")
    about = programme.priority_tasks.get(number=1)
    said = Said("proposal", "Bổ sung kinh phí", "Trần Văn Đại", about)
    discussions.contribute(of(conference, "SXD"), by=focal_point, at=NOW, said=said)
    discussions.agree(of(conference, "SXD"), by=head, at=NOW, assent="mostly", reservation="Cần kinh phí")
    concluded = Concluded("Rà soát quy hoạch.", department, about, NOW.date())
    conclusions.conclude(fresh(conference), by=officer, at=NOW, concluded=concluded)
    return fresh(conference)


def texts(conference: Conference) -> dict[str, str]:
    return {part.section.value: part.text for part in minutes.parts(fresh(conference))}


def frozen(conference: Conference, officer) -> Conference:
    minutes.write(conference, by=officer, at=AFTERWARDS, texts=texts(conference), ended_at=ENDED)
    minutes.freeze(conference, by=officer, at=AFTERWARDS)
    return conference


def test_draft_says_what_was_recorded(held):
    said = texts(held)
    assert "vào hồi 8 giờ 00 phút, ngày 10 tháng 3 năm 2026" in said["opening"]
    assert "có mặt 1/3 cơ quan" in said["attendance"]
    assert "Trần Văn Đại, Phó Giám đốc (thay Mạc Văn Hùng)" in said["attendance"]
    assert "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa: Dự họp ở Trung ương" in said["attendance"]
    assert "1. Khai mạc (8 giờ 00 phút)." in said["agenda"]
    assert "kiến nghị về nhiệm vụ trọng tâm 1: Bổ sung kinh phí" in said["discussion"]
    assert "Thống nhất: 0/3" in said["assent"]
    assert "Sở Xây dựng cơ bản thống nhất: Cần kinh phí" in said["assent"]
    assert "1. Rà soát quy hoạch (cơ quan chủ trì: Sở Xây dựng; thời hạn: 10/03/2026)." in said["conclusions"]


def test_lists_of_the_minutes_end_their_sentence(held, conference):
    said = texts(held)["attendance"].split("\n")
    assert said[-1].endswith("không báo lý do.") or said[-1].endswith("Dự họp ở Trung ương.")
    assert [line[-1] for line in said if line.startswith("- ")] == [".", ";", "."]


def test_nobody_is_called_absent_before_anybody_was_noted_at_the_door(held, conference):
    conference.attendances.all().delete()
    assert texts(held)["attendance"].split("\n")[-3:] == [
        "4. Các cơ quan, đơn vị được mời: 3; chưa ghi điểm danh.",
        "5. Đã báo vắng mặt:",
        "- Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa: Dự họp ở Trung ương.",
    ]
    conference.invited.update(excuse="")
    assert texts(held)["attendance"].endswith("5. Đã báo vắng mặt: không có.")


def test_papers_name_the_clause_and_the_host_without_a_symbol(held, programme, focal_point):
    clause = programme.clauses.create(section="responsibility", number=2, title="Sở Xây dựng", text="x")
    said = Said("point", "Giữ nguyên", "", clause)
    discussions.contribute(of(held, "SXD"), by=focal_point, at=NOW, said=said)
    assert "về điều khoản 2, mục IV (Sở Xây dựng): Giữ nguyên" in texts(held)["discussion"]
    Agency.objects.filter(pk=programme.host_id).update(symbol="")
    invitation = conference_paper.invitation_of(of(held, "SXD"))
    assert invitation.symbol == f"GM-{programme.host.code}"
    assert conference_paper.minutes_of(fresh(held), at=AFTERWARDS).symbol == f"BB-{programme.host.code}"


def test_section_that_was_edited_keeps_its_words_and_shows_what_changed(held, officer, head):
    edited = texts(held) | {"assent": "Các cơ quan cơ bản thống nhất."}
    minutes.write(held, by=officer, at=AFTERWARDS, texts=edited, ended_at=None)
    assert [row.section for row in held.parts.all()] == ["assent"], "the others follow the records"
    discussions.agree(of(held, "SXD"), by=head, at=AFTERWARDS, assent="full")
    part = next(one for one in minutes.parts(fresh(held)) if one.section == "assent")
    assert (part.text, part.is_edited, part.has_moved) == ("Các cơ quan cơ bản thống nhất.", True, True)
    assert "Thống nhất: 1/3" in part.drafted


def test_nothing_is_written_before_it_began_or_over_a_newer_page(held, officer, head):
    early = held.starts_at - dt.timedelta(hours=1)
    for at, ended in ((early, None), (AFTERWARDS, early), (NOW, ENDED)):
        with pytest.raises(RuleError):
            minutes.write(held, by=officer, at=at, texts={}, ended_at=ended)
    held = fresh(held)
    minutes.write(held, by=officer, at=AFTERWARDS, texts={}, ended_at=ENDED, version=str(held.revision))
    with pytest.raises(StaleError):
        minutes.freeze(held, by=officer, at=AFTERWARDS, version=str(held.revision - 1))
    with pytest.raises(PermissionDenied):
        minutes.write(held, by=head, at=AFTERWARDS, texts={}, ended_at=ENDED)


def test_named_secretary_writes_them_and_does_nothing_else(held, clerk, programme, department):
    keeper = person("bchqs.thuky", Role.RECORDS_CLERK, programme.host)
    for stranger in (keeper, clerk):  # of the host, but not the secretary
        with pytest.raises(PermissionDenied):
            minutes.write(held, by=stranger, at=AFTERWARDS, texts={}, ended_at=ENDED)
    Conference.objects.update(secretary=keeper)
    minutes.write(fresh(held), by=keeper, at=AFTERWARDS, texts={"closing": "Hết."}, ended_at=ENDED)
    assert texts(held)["closing"] == "Hết."
    assert Event.objects.get(verb="minutes.written").actor_id == keeper.pk
    with pytest.raises(PermissionDenied):
        minutes.freeze(fresh(held), by=keeper, at=AFTERWARDS)
    with pytest.raises(PermissionDenied):
        conclusions.conclude(fresh(held), by=keeper, at=AFTERWARDS, concluded=Concluded("Thêm."))
    Membership.objects.filter(user=keeper).update(agency=department)
    with pytest.raises(PermissionDenied):
        minutes.write(fresh(held), by=User.objects.get(pk=keeper.pk), at=AFTERWARDS, texts={}, ended_at=ENDED)


def test_frozen_minutes_do_not_follow_the_records_any_more(held, officer, head):
    with pytest.raises(RuleError):
        minutes.freeze(held, by=officer, at=AFTERWARDS)  # nobody wrote when it ended
    frozen(held, officer)
    assert minutes.is_intact(fresh(held))
    with pytest.raises(RuleError):
        discussions.agree(of(held, "SXD"), by=head, at=AFTERWARDS, assent="full")
    told = Notice.objects.filter(kind="conference.sign_minutes").values_list("recipient__username", flat=True)
    assert set(told) == {"bchqs.cht", "bchqs.troly"}


def test_two_people_confirm_what_they_read_and_everybody_invited_hears(held, officer, commander, focal_point):
    frozen(held, officer)
    sha256 = held.content_sha256
    with pytest.raises(RuleError):
        minutes.sign(held, by=commander, at=AFTERWARDS, shown_sha256="0" * 64)
    with pytest.raises(PermissionDenied):
        minutes.sign(held, by=focal_point, at=AFTERWARDS, shown_sha256=sha256)
    minutes.sign(held, by=commander, at=AFTERWARDS, shown_sha256=sha256)
    with pytest.raises(RuleError):
        minutes.sign(held, by=commander, at=AFTERWARDS, shown_sha256=sha256)
    minutes.sign(held, by=officer, at=AFTERWARDS, shown_sha256=sha256)
    assert fresh(held).state == "signed"
    with pytest.raises(RuleError):
        minutes.reopen(held, by=officer, at=AFTERWARDS, reason="Sai sót")
    assert Notice.objects.filter(kind="conference.minutes", recipient=focal_point).exists()
    assert not Notice.objects.filter(kind="conference.sign_minutes", read_at=None).exists(), "settled"
    assert Event.objects.filter(verb="minutes.signed").count() == 2


def test_frozen_minutes_are_opened_again_with_a_reason(held, officer, commander):
    frozen(held, officer)
    with pytest.raises(RuleError):
        minutes.reopen(held, by=officer, at=AFTERWARDS, reason=" ")
    minutes.reopen(held, by=officer, at=AFTERWARDS, reason="Thiếu một đại biểu")
    assert (fresh(held).state, fresh(held).content) == ("invited", None)
    with pytest.raises(RuleError):
        minutes.sign(held, by=commander, at=AFTERWARDS, shown_sha256="")


def test_opening_again_clears_the_one_confirmation_and_tells_that_person(held, officer, commander):
    frozen(held, officer)
    minutes.sign(held, by=commander, at=AFTERWARDS, shown_sha256=held.content_sha256)
    minutes.reopen(held, by=officer, at=AFTERWARDS, reason="Sai tên đại biểu")
    row = fresh(held)
    assert (row.state, row.chair_signed_at, row.secretary_signed_at) == ("invited", None, None)
    told = Notice.objects.filter(kind="conference.minutes_reopened")
    assert [notice.recipient for notice in told] == [commander]
    minutes.freeze(held, by=officer, at=AFTERWARDS)
    minutes.sign(held, by=commander, at=AFTERWARDS, shown_sha256=held.content_sha256)


def test_who_has_left_the_host_confirms_nothing(held, officer, commander, department):
    frozen(held, officer)
    Membership.objects.filter(user=commander).update(agency=department, role="focal_point")
    moved = User.objects.get(pk=commander.pk)
    assert moved.agency_id == department.pk
    with pytest.raises(PermissionDenied):
        minutes.sign(held, by=moved, at=AFTERWARDS, shown_sha256=held.content_sha256)


def test_papers_say_whom_they_invite_and_who_confirmed_when(held, officer, commander):
    letter = words(render_invitation(conference_paper.invitation_of(of(held, "SXD"))))
    assert all(part in letter for part in ("GIẤY MỜI", "Sở Xây dựng", "Hội trường Bộ Chỉ huy"))
    draft = words(render_minutes(conference_paper.minutes_of(held, at=AFTERWARDS)))
    assert all(part in draft for part in ("BIÊN BẢN", "DỰ THẢO", "THƯ KÝ", "CHỦ TRÌ"))
    frozen(held, officer)
    minutes.sign(held, by=commander, at=AFTERWARDS, shown_sha256=held.content_sha256)
    signed = words(render_minutes(conference_paper.minutes_of(fresh(held), at=AFTERWARDS)))
    assert "DỰ THẢO" not in signed
    assert "14:00:00 ngày 10/03/2026" in signed
