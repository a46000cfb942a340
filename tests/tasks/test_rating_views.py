"""The pages of the rating: what each person reads, what forms keep, how many queries they ask."""

import datetime as dt
import io

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from portal.agencies.models import Agency, AgencyKind
from portal.users.models import Role
from tasks import rating_paper, rating_sheets, ratings
from tasks.models import RatingDecision, RatingProof, RatingRound
from tests import factories
from tests.factories import NOW, YEAR, person
from tests.tasks import rating
from tests.tasks.rating import AFTER_SELF, REASON, point_of, round_of, scored, sheet_of

pytestmark = pytest.mark.django_db
POINTS = {"UBMTTQ": (0, 0, None, 8, 3), "SXD": (None, None, None, 9, 5)}
AFTER = AFTER_SELF + dt.timedelta(days=4)


@pytest.fixture
def round_(programme, officer, head, focal_point, front_head, commander) -> RatingRound:
    return rating.published(programme, officer)


@pytest.fixture
def approved(round_, officer, commander) -> RatingDecision:
    rating.told(officer, POINTS)
    ratings.propose(round_of(), by=officer, at=AFTER, proposals=rating.proposals(round_of()))
    return ratings.approve(round_of(), by=commander, at=AFTER)


def url(name: str, *args: object) -> str:
    return reverse(f"ratings:{name}", args=args)


# --- The year -------------------------------------------------------------------------------------
def test_officer_prepares_edits_and_publishes(programme, officer, head, front_head, login, now):
    browser = login(officer)
    page = browser.get(url("list"))
    assert "Chuẩn bị xếp loại" in page.content.decode()
    browser.post(url("prepare", YEAR))
    form = browser.get(url("criteria", YEAR)).context["scheme"]
    data = {"counts_until": "2026-12-14", "self_due_on": "2026-03-20", "leaves_out_suspended": "on"}
    data |= {"version": "0"}
    for lines in (form.criteria, form.grades):
        data |= {f"{lines.prefix}-{key}": value for key, value in lines.management_form.initial.items()}
        for line in lines:
            data |= {line.add_prefix(name): line.initial.get(name, "") for name in line.fields}
    data["criteria-5-title_vi"], data["criteria-5-weight"] = "Tiêu chí mới", "200"
    data["criteria-5-measure"] = data["criteria-6-measure"] = "judged"
    refused = browser.post(url("criteria", YEAR), data)
    assert refused.status_code == 400
    assert "Tiêu chí mới" in refused.content.decode()
    data["criteria-5-weight"], data["criteria-0-weight"] = "10", "40"
    assert browser.post(url("criteria", YEAR), data).status_code == 302
    assert [row.weight for row in round_of().criteria.all()] == [40, 20, 15, 10, 5, 10]
    assert not round_of().leaves_out_carried_over
    assert browser.post(url("criteria", YEAR), data).status_code == 409
    assert browser.post(url("publish", YEAR)).status_code == 302
    assert round_of().state == "scoring"


def test_a_year_without_rating_says_so(programme, head, viewer, admin, login, now):
    for user in (head, viewer, admin):
        page = login(user).get(url("detail", YEAR))
        assert "Năm này chưa công bố xếp loại" in page.content.decode()
    assert login(head).get(url("criteria", YEAR)).status_code == 404


def test_no_programme_no_rating(stranger, login):
    assert "Chưa có chương trình" in login(stranger).get(url("list")).content.decode()


def test_the_command_reads_the_table_an_agency_its_own(round_, officer, head, viewer, login, now):
    table = login(officer).get(url("detail", YEAR)).content.decode()
    assert sheet_of("UBMTTQ").agency.name_vi in table
    own = login(head).get(url("detail", YEAR)).content.decode()
    assert sheet_of("UBMTTQ").agency.name_vi not in own
    assert url("sheet", sheet_of("SXD").pk) in own
    assert login(head).get(url("sheet", sheet_of("UBMTTQ").pk)).status_code == 404
    assert login(head).get(url("export", YEAR)).status_code == 403
    assert login(viewer).get(url("paper", YEAR)).status_code == 403


def test_a_step_that_is_refused_says_why(round_, officer, login, now):
    page = login(officer).post(url("announce", YEAR), {"review_until": "2026-03-20"})
    assert page.status_code == 400
    assert "Còn cơ quan chưa được thẩm định điểm" in page.content.decode()


def test_an_old_page_publishes_nothing(programme, officer, head, login, now):
    round_ = ratings.prepare(programme, by=officer, at=NOW)
    browser = login(officer)
    page = browser.get(url("detail", YEAR)).content.decode()
    assert f'name="version" value="{round_.revision}"' in page
    RatingRound.objects.update(revision=9)  # somebody changed the criteria
    assert browser.post(url("publish", YEAR), {"version": round_.revision}).status_code == 409
    assert round_of().state == "draft"
    assert browser.post(url("publish", YEAR), {"version": 9}).status_code == 302


@pytest.mark.parametrize(("who", "queries"), [("officer", 15), ("head", 12), ("viewer", 9)])
def test_queries_of_the_year(round_, cast, who, queries, login, now, django_assert_num_queries):
    for n in range(3):  # more agencies ask no more
        agency = factories.AgencyFactory()
        round_.sheets.create(agency=agency)
        person(f"them{n}", Role.AGENCY_HEAD, agency)
    browser = login(getattr(cast, who))
    browser.get(url("detail", YEAR))
    with django_assert_num_queries(queries):
        browser.get(url("detail", YEAR))


# --- A sheet ---------------------------------------------------------------------------------------
def points_data(sheet, *points, words=REASON, version=None) -> dict[str, str]:
    rows = sheet.points.order_by("criterion__order")
    data = {"version": str(sheet.revision) if version is None else version}
    for row, value in zip(rows, points, strict=True):
        data |= {f"points_{row.pk}": value, f"words_{row.pk}": words}
    return data


def test_focal_point_scores_and_the_head_sends(round_, focal_point, head, login, now):
    sheet = sheet_of("SXD")
    browser = login(focal_point)
    assert browser.get(url("score", sheet.pk)).status_code == 200
    browser.post(url("score", sheet.pk), points_data(sheet, "", "", "", "8,5", "5"))
    assert str(point_of("SXD", 4).self_points) == "8.50"
    browser.post(url("submit", sheet.pk), {"version": "1"})
    login(head).post(url("send", sheet.pk), {"version": "2"})
    assert sheet_of("SXD").state == "sent"


def test_too_many_points_come_back_with_the_words(round_, focal_point, login, now):
    sheet = sheet_of("SXD")
    page = login(focal_point).post(
        url("score", sheet.pk), points_data(sheet, "", "", "", "11", "5", words="Căn cứ đã gõ")
    )
    assert page.status_code == 400
    assert "Căn cứ đã gõ" in page.content.decode()


def test_a_stale_sheet_shows_both_versions(round_, focal_point, head, login, now):
    sheet = sheet_of("SXD")
    login(head).post(url("score", sheet.pk), points_data(sheet, "", "", "", "7", "5"))
    page = login(focal_point).post(
        url("score", sheet.pk), points_data(sheet, "", "", "", "9", "5", version="0")
    )
    assert page.status_code == 409
    assert str(point_of("SXD", 4).self_points) == "7.00"


def test_a_duty_is_shown_and_taken_out(round_, assignment, focal_point, login, now):
    browser, point = login(focal_point), point_of("SXD", 4)
    browser.post(url("prove", point.pk), {"shown": f"duty-{assignment.pk}"})
    proof = RatingProof.objects.get()
    assert assignment.title_vi in browser.get(url("sheet", point.sheet_id)).content.decode()
    assert browser.post(url("prove", point.pk), {"shown": "duty-0"}).status_code == 400
    browser.post(url("drop_proof", proof.pk))
    assert not RatingProof.objects.exists()


def test_officer_verifies_beside_the_figures(round_, front_head, officer, login, now):
    scored("UBMTTQ", front_head, (0, 0, None, 9, 5))
    sheet, browser = sheet_of("UBMTTQ"), login(officer)
    form = browser.get(url("verify", sheet.pk)).content.decode()
    assert "1.02" in form  # the duty that was due
    refused = browser.post(url("verify", sheet.pk), points_data(sheet, "0", "0", "", "8", "5", words=""))
    assert refused.status_code == 400
    browser.post(url("verify", sheet.pk), points_data(sheet, "0", "0", "", "8", "5"))
    assert sheet_of("UBMTTQ").state == "verified"


def test_points_and_grade_are_not_told_before_their_time(round_, head, front_head, officer, commander, login):
    rating.verified("SXD", officer, (None, None, None, 4.25, 5), at=AFTER_SELF)
    path = url("sheet", sheet_of("SXD").pk)
    with time_machine.travel(AFTER_SELF, tick=False):
        assert "4,25" not in login(head).get(path).content.decode()
        assert "4,25" in login(officer).get(path).content.decode()
    rating.verified("UBMTTQ", officer, POINTS["UBMTTQ"], at=AFTER_SELF)
    ratings.announce(
        round_of(), by=officer, at=AFTER_SELF, review_until=(AFTER_SELF + dt.timedelta(days=3)).date()
    )
    wanted = rating.proposals(round_of())
    wanted[sheet_of("SXD").pk] = ratings.Proposal(round_of().grades.get(place=1), "Lý do riêng")
    ratings.propose(round_of(), by=officer, at=AFTER, proposals=wanted)
    with time_machine.travel(AFTER, tick=False):
        page = login(head).get(path).content.decode()
        assert "4,25" in page
        assert "Lý do riêng" not in page
        ratings.approve(round_of(), by=commander, at=AFTER)
        assert "Lý do riêng" in login(head).get(path).content.decode()


def test_re_examination_is_asked_and_answered(round_, officer, head, login):
    rating.told(officer, POINTS)
    point = point_of("SXD", 4)
    with time_machine.travel(AFTER_SELF, tick=False):
        assert login(head).post(url("ask_again", point.pk), {"reason": ""}).status_code == 400
        login(head).post(url("ask_again", point.pk), {"reason": REASON})
        asked = point_of("SXD", 4).reexamination
        assert (
            login(officer).post(url("answer", asked.pk), {"points": "11", "answer": REASON}).status_code
            == 400
        )
        login(officer).post(url("answer", asked.pk), {"points": "10", "answer": REASON})
        page = login(head).get(url("sheet", point.sheet_id)).content.decode()
    assert "Từ 9 thành 10 điểm" in page


@pytest.mark.parametrize(("who", "queries"), [("officer", 11), ("focal_point", 14)])
def test_queries_of_a_sheet(round_, assignment, cast, who, queries, login, now, django_assert_num_queries):
    for order in (4, 5):
        rating_sheets.prove(point_of("SXD", order), by=cast.head, at=NOW, assignment=assignment)
    browser, path = login(getattr(cast, who)), url("sheet", sheet_of("SXD").pk)
    browser.get(path)
    with django_assert_num_queries(queries):
        browser.get(path)


# --- Grades ----------------------------------------------------------------------------------------
def test_officer_proposes_and_the_commander_approves(round_, officer, commander, login):
    rating.told(officer, POINTS)
    with time_machine.travel(AFTER, tick=False):
        form = login(officer).get(url("propose", YEAR)).context["form"]
        data = {name: form[name].initial or "" for name in form.fields}
        refused = data | {f"grade_{sheet_of('SXD').pk}": str(round_of().grades.get(place=4).pk)}
        assert login(officer).post(url("propose", YEAR), refused).status_code == 400
        login(officer).post(url("propose", YEAR), data)
        assert "Trả lại đề nghị" in login(commander).get(url("detail", YEAR)).content.decode()
        login(commander).post(url("approve", YEAR))
    assert round_of().state == "approved"


def test_rewards_are_a_page_a_paper_and_a_workbook(approved, officer, login, now):
    browser = login(officer)
    assert "Sở Xây dựng" in browser.get(url("rewards", YEAR)).content.decode()
    book = load_workbook(io.BytesIO(browser.get(url("export_rewards", YEAR)).getvalue()))
    assert [row[1].value for row in book.active.iter_rows()] == ["Cơ quan", "Sở Xây dựng"]
    for name in ("reward_paper", "paper"):
        assert browser.get(url(name, YEAR)).getvalue().startswith(b"%PDF-")
    book = load_workbook(io.BytesIO(browser.get(url("export", YEAR)).getvalue()))
    assert [row[1].value for row in book.active.iter_rows()][1] == "Sở Xây dựng"


def test_an_untouched_decision_is_told_from_a_changed_one(approved, officer, login, now):
    words = "Nội dung không đúng với bản đã phê duyệt"
    assert words not in login(officer).get(url("detail", YEAR)).content.decode()
    RatingDecision.objects.update(content=approved.content | {"year": 1999})
    assert words in login(officer).get(url("detail", YEAR)).content.decode()


def test_the_printed_table_names_no_party_body(round_, officer, commander):
    Agency.objects.filter(code="SXD").update(kind=AgencyKind.PARTY)
    rating.told(officer, POINTS)
    ratings.propose(round_of(), by=officer, at=AFTER, proposals=rating.proposals(round_of()))
    content = ratings.approve(round_of(), by=commander, at=AFTER).content
    paper = rating_paper.table_paper(content, at=AFTER, is_draft=False)
    assert [row[1] for row in paper.rows] == ["Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa"]
    assert rating_paper.ALONE.rstrip(".") in paper.closing[-1]


@pytest.mark.parametrize("count", range(1, 13))
def test_a_table_of_any_number_of_criteria_fills_the_page(count):
    criteria = [{"title_vi": f"Tiêu chí {n}", "weight": 1} for n in range(count)]
    edition = {"criteria": criteria, "grades": [], "counts_until": "2026-12-14"}
    content = {
        "year": 2026,
        "programme": {"title": "Chương trình", "place": "Thanh Hóa"},
        "host": {"name": "Bộ CHQS", "parent": "", "symbol": "BCHQS", "block": ["CHỈ HUY TRƯỞNG"]},
        "profile": "nd30",
        "edition": edition,
        "agencies": [],
    }
    paper = rating_paper.table_paper(content, at=NOW, is_draft=True)
    assert sum(paper.widths) == 257
    assert [paper.columns[n] for n in paper.centred[-2:]] == ["Tổng điểm", "Thứ hạng"]


def test_the_public_list_is_read_by_every_party(round_, officer, commander, front_head, viewer, login):
    RatingRound.objects.update(is_list_public=True)
    rating.told(officer, POINTS)
    ratings.propose(round_of(), by=officer, at=AFTER, proposals=rating.proposals(round_of()))
    ratings.approve(round_of(), by=commander, at=AFTER)
    with time_machine.travel(AFTER, tick=False):
        for user in (front_head, viewer):
            page = login(user).get(url("detail", YEAR)).content.decode()
            assert "Sở Xây dựng" in page
            assert "93,33" not in page


# --- The command's support -------------------------------------------------------------------------
def test_a_head_rates_the_commands_support_once(round_, head, officer, login, now):
    marks = {"guidance_mark": "5", "answers_mark": "4", "help_mark": "3", "burden_mark": "2"}
    browser = login(head)
    assert browser.post(url("support", YEAR), marks | {"help_mark": "9"}).status_code == 400
    browser.post(url("support", YEAR), marks | {"words": "Cần tập huấn"})
    assert "Cơ quan đã trả lời" in browser.get(url("support", YEAR)).content.decode()
    page = login(officer).get(url("support", YEAR)).content.decode()
    assert "Hiển thị sau khi phê duyệt xếp loại" in page
    assert "Cần tập huấn" not in page


# --- Where somebody must act -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("focal_point", "Tự chấm điểm năm 2026"),
        ("head", "Tự chấm điểm năm 2026"),
        ("officer", "Thẩm định điểm của 1 cơ quan"),
    ],
)
def test_homes_say_what_waits_while_agencies_score(round_, cast, who, words, login, now):
    scored("UBMTTQ", cast.front_head)
    assert words in login(getattr(cast, who)).get("/").content.decode()


def test_homes_say_what_waits_later(round_, officer, commander, head, login):
    rating.told(officer, POINTS)
    with time_machine.travel(AFTER_SELF, tick=False):
        assert "Xem điểm xếp loại năm 2026" in login(head).get("/").content.decode()
        rating_sheets.ask_again(point_of("SXD", 4), by=head, at=AFTER_SELF, reason=REASON)
        assert "Trả lời 1 đề nghị phúc tra" in login(officer).get("/").content.decode()
        asked = point_of("SXD", 4).reexamination
        asked.point = point_of("SXD", 4)
        rating_sheets.answer(asked, by=officer, at=AFTER_SELF, points=asked.old_points, answer=REASON)
    with time_machine.travel(AFTER, tick=False):
        assert "Đề nghị xếp loại các cơ quan, đơn vị" in login(officer).get("/").content.decode()
        ratings.propose(round_of(), by=officer, at=AFTER, proposals=rating.proposals(round_of()))
        assert "Quyết định xếp loại các cơ quan, đơn vị" in login(commander).get("/").content.decode()


def test_the_agencys_page_shows_its_grades(approved, head, officer, front_head, login, now):
    path = reverse("agencies:detail", args=["SXD"])
    for user in (head, officer):
        assert "Hoàn thành xuất sắc nhiệm vụ" in login(user).get(path).content.decode()
    assert "Hoàn thành xuất sắc nhiệm vụ" not in login(front_head).get(path).content.decode()


def test_the_agencys_page_leads_to_its_sheet_while_it_is_scored(round_, head, front_head, login, now):
    path, sheet = reverse("agencies:detail", args=["SXD"]), sheet_of("SXD").get_absolute_url()
    assert sheet in login(head).get(path).content.decode()
    assert sheet not in login(front_head).get(path).content.decode()


def test_the_rating_is_found_from_home_and_programme_but_not_by_the_administrator(
    round_, head, officer, focal_point, admin, login, now
):
    for user in (head, officer, focal_point):
        assert url("list") in login(user).get("/").content.decode(), user
    for path in (reverse("programmes:list"), reverse("programmes:detail", args=[YEAR])):
        assert url("list") in login(head).get(path).content.decode().replace(f"/{YEAR}/", "/"), path
        assert url("list") not in login(admin).get(path).content.decode(), path


def test_officer_is_told_how_many_sheets_keep_the_points_from_being_told(round_, head, officer, login, now):
    scored("SXD", head)
    page = login(officer).get(url("detail", YEAR)).content.decode()
    assert "Chờ thẩm định: 1; chưa gửi: 1." in page
