"""Documents of the year: entered, linked, amended, their file, struck out, recalled; and their pages."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError, StaleError
from tasks import citations, year_paper_access, year_papers
from tasks.citations import Source
from tasks.models import Clause, Programme, SourceDocument, YearPaper
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import papering
from tests.tasks.extending import fresh
from tests.tasks.papering import COLUMNS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
OTHERS = ("commander", "admin", "front_head", "head", "focal_point", "viewer", "stranger")


@pytest.fixture
def paper(programme, officer) -> YearPaper:
    return year_papers.enter(programme, by=officer, at=NOW, facts=papering.facts())


def typed(**more):
    return {**COLUMNS, "issued_on": "2026-01-08", **more}


def filed(paper, content=b"x", name="Ke hoach.txt") -> YearPaper:
    file = store.put(content, media_type="text/plain", at=NOW)
    YearPaper.objects.filter(pk=paper.pk).update(file=file, file_name=name, declaration="2026-1")
    return YearPaper.objects.select_related("programme__host", "file").get(pk=paper.pk)


# --- The register -----------------------------------------------------------------------------------
def test_officer_and_clerk_enter_and_it_is_told(programme, officer, clerk):
    year_papers.enter(programme, by=officer, at=NOW, facts=papering.facts())
    links = {
        "tasks": (programme.priority_tasks.get(number=1),),
        "solutions": (programme.solutions.get(number=1),),
        "clauses": (programme.clauses.get(),),
        "assignments": (programme.assignments.get(code="1.01"),),
    }
    given = papering.facts(links, number="16/KH-BCH")
    row = year_papers.enter(programme, by=clerk, at=NOW, facts=given)
    assert {name: tuple(getattr(row, name).all()) for name in links} == links
    told = [json.loads(event.payload) for event in Event.objects.filter(verb="paper.entered")]
    assert {one["after"]["number"] for one in told} == {"15/KH-BCH", "16/KH-BCH"}


@pytest.mark.parametrize("name", OTHERS)
def test_others_write_nothing(paper, programme, cast, name):
    by = getattr(cast, name)
    for act in (
        lambda: year_papers.enter(programme, by=by, at=NOW, facts=papering.facts(number="2/KH")),
        lambda: year_papers.strike(paper, by=by, at=NOW, reason="Nhập nhầm"),
        lambda: year_papers.upload(paper, by=by, at=NOW, sent=None, declared=True),
    ):
        with pytest.raises(PermissionDenied):
            act()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({}, "đã có trong sổ"),
        ({"number": "2/KH", "issued_on": TODAY + dt.timedelta(days=1)}, "không được sau hôm nay"),
        ({"number": "2/KH", "subject": "TỐI MẬT"}, "bí mật"),
    ],
)
def test_what_cannot_be_entered_is_refused(paper, programme, officer, columns, words):
    with pytest.raises(RuleError, match=words):
        year_papers.enter(programme, by=officer, at=NOW, facts=papering.facts(**columns))


def test_linked_to_its_own_programme_alone(programme, officer, host):
    other = factories.ProgrammeFactory(host=host, year=2027)
    task = factories.PriorityTaskFactory(programme=other)
    with pytest.raises(RuleError, match="năm đó"):
        year_papers.enter(programme, by=officer, at=NOW, facts=papering.facts({"tasks": (task,)}))


def test_amended_with_before_and_after_unless_changed_meanwhile(paper, officer, clerk):
    seen = year_papers.version_of(paper)
    given = papering.facts(subject="Kế hoạch khác")
    year_papers.amend(paper, by=clerk, at=NOW, facts=given, version=seen)
    told = json.loads(Event.objects.get(verb="paper.amended").payload)
    assert (told["before"]["subject"], told["after"]["subject"]) == (COLUMNS["subject"], "Kế hoạch khác")
    with pytest.raises(StaleError):
        year_papers.amend(paper, by=officer, at=NOW, facts=papering.facts(), version=seen)


def test_the_same_again_leaves_no_event(paper, officer):
    version = year_papers.version_of(paper)
    year_papers.amend(paper, by=officer, at=NOW, facts=papering.facts(), version=version)
    assert not Event.objects.filter(verb="paper.amended").exists()


def test_struck_out_it_stays_with_its_reason_and_frees_the_number(paper, programme, officer, clerk):
    with pytest.raises(RuleError):
        year_papers.strike(paper, by=clerk, at=NOW, reason=" ")
    year_papers.strike(paper, by=clerk, at=NOW, reason="Nhập nhầm năm")
    assert (paper.state, paper.struck_reason) == ("struck", "Nhập nhầm năm")
    with pytest.raises(RuleError, match="gạch bỏ"):
        year_papers.strike(paper, by=officer, at=NOW, reason="Nhập nhầm năm")
    year_papers.enter(programme, by=officer, at=NOW, facts=papering.facts())


def test_after_the_end_of_the_year_it_stays(paper, programme, officer):
    Programme.objects.update(state="closed")
    with pytest.raises(RuleError, match="kết thúc"):
        year_papers.enter(programme, by=officer, at=NOW, facts=papering.facts(number="2/KH"))
    with pytest.raises(RuleError, match="kết thúc"):
        year_papers.strike(paper, by=officer, at=NOW, reason="Nhập nhầm")


def test_read_by_who_reads_the_programme(paper, cast, stranger):
    def readers():
        return {name for name, user in vars(cast).items() if year_paper_access.visible_papers(user).exists()}

    assert readers() == set(vars(cast)) - {"stranger"}
    Programme.objects.update(state="draft")
    assert readers() == {"officer", "commander", "clerk", "admin"}


# --- Its file ---------------------------------------------------------------------------------------
def send(content="Kế hoạch không mật.", name="Ke hoach.txt"):
    return SimpleUploadedFile(name, content.encode(), content_type="text/plain")


def test_a_file_is_looked_at_and_put_in_once(paper, clerk, viewer, stranger, login):
    client, page = login(clerk), paper.get_absolute_url()
    assert client.post(f"{page}put/", {"sent": send()}).status_code == 400, "without the declaration"
    assert client.post(f"{page}put/", {"sent": send("TUYỆT MẬT"), "declared": "on"}).status_code == 400
    assert client.post(f"{page}put/", {"sent": send(), "declared": "on"}).status_code == 302
    paper.refresh_from_db()
    assert (paper.file_name, paper.declaration) == ("Ke hoach.txt", "2026-1")
    got = login(viewer).get(f"{page}file/")
    assert b"".join(got).decode() == "Kế hoạch không mật."
    assert "attachment" in got["Content-Disposition"]
    assert login(stranger).get(f"{page}file/").status_code == 404
    again = client.post(f"{page}put/", {"sent": send("Khác"), "declared": "on"})
    assert again.status_code == 400


def test_one_without_a_file_has_none_to_send(paper, clerk, login):
    assert login(clerk).get(f"{paper.get_absolute_url()}file/").status_code == 404


def test_recalled_nobody_gets_it_and_another_may_come(paper, officer, clerk, head, settings, tmp_path, login):
    settings.FILES_DIR, settings.QUARANTINE_DIR = tmp_path / "files", tmp_path / "quarantine"
    paper = filed(paper)
    with pytest.raises(PermissionDenied):
        year_papers.recall(paper, by=clerk, at=NOW, reason="Nhầm tệp")
    page = paper.get_absolute_url()
    assert login(officer).post(f"{page}recall/", {"reason": "Nhầm tệp nội bộ"}).status_code == 302
    assert login(head).get(f"{page}file/").status_code == 410
    assert "Nhầm tệp nội bộ" in login(head).get(page).text
    assert set(login(clerk).get(page).context["forms"]) == {"put", "strike"}
    assert Event.objects.filter(verb="file.recalled").exists()


def test_what_has_no_file_is_not_recalled(paper, officer):
    with pytest.raises(RuleError, match="chưa có tệp"):
        year_papers.recall(paper, by=officer, at=NOW, reason="Nhầm tệp")


# --- The source of an assignment --------------------------------------------------------------------
def test_an_assignment_takes_its_source_from_the_register(paper, assignment, officer, viewer, login):
    client = login(officer)
    address = f"/assignments/{assignment.pk}/source/"
    sent = {"version": citations.version_of(assignment), "paper": paper.pk, "clause": "Mục II"}
    assert client.post(address, sent).status_code == 302
    source = SourceDocument.objects.get()
    assert (source.paper, source.number, source.subject) == (paper, paper.number, paper.subject)
    assert paper.get_absolute_url() in login(viewer).get(assignment.get_absolute_url()).text
    assert client.get(paper.get_absolute_url()).context["gives_out"] == [assignment]
    with pytest.raises(RuleError, match="văn bản giao"):
        year_papers.strike(paper, by=officer, at=NOW, reason="Nhập nhầm")


def test_no_source_from_another_years_register(paper, assignment, officer):
    Programme.objects.filter(pk=paper.programme_id).update(year=2025)
    other = factories.ProgrammeFactory(year=2030)
    YearPaper.objects.filter(pk=paper.pk).update(programme=other)
    source = Source("15/KH-BCH", COLUMNS["issued_on"], "Kế hoạch", paper_id=paper.pk)
    with pytest.raises(RuleError, match="trong sổ"):
        citations.cite(fresh(assignment), by=officer, at=NOW, source=source)


# --- Pages ------------------------------------------------------------------------------------------
def test_the_clerk_keeps_the_register_from_its_pages(programme, clerk, login):
    client = login(clerk)
    assert "Chưa có văn bản" in client.get("/papers/").text
    assert client.get("/papers/new/2026/").status_code == 200
    assert client.post("/papers/new/2026/", typed(number="")).status_code == 400
    sent = typed(assignments=[programme.assignments.get(code="1.01").pk])
    assert client.post("/papers/new/2026/", sent).status_code == 302
    assert client.post("/papers/new/2026/", sent).status_code == 400
    row = YearPaper.objects.get()
    page, version = row.get_absolute_url(), year_papers.version_of(row)
    assert client.get(f"{page}amend/").context["form"].initial["version"] == version
    changed = typed(subject="Kế hoạch mới", version=version)
    assert client.post(f"{page}amend/", changed).status_code == 302
    stale = client.post(f"{page}amend/", changed | {"subject": "Kế hoạch khác"})
    assert stale.status_code == 409
    assert all(words in stale.text for words in ("Kế hoạch khác", "Kế hoạch mới"))
    assert client.post(f"{page}strike/", {"reason": ""}).status_code == 400
    assert client.post(f"{page}strike/", {"reason": "Nhập nhầm năm"}).status_code == 302
    assert "Nhập nhầm năm" in client.get(page).text


def test_clauses_are_offered_in_the_order_of_the_text(programme):
    programme.clauses.all().delete()
    for section in ("organisation", "opening", "purpose"):
        Clause.objects.create(programme=programme, section=section, number=1, text="Nội dung")

    offered = [clause.section for clause in year_papers.clauses(programme)]

    assert offered == ["opening", "purpose", "organisation"]


def test_the_list_is_narrowed_by_kind_clause_and_words(programme, officer, viewer, login):
    task, clause = programme.priority_tasks.get(number=1), programme.clauses.get()
    for number, (kind, links) in enumerate(
        [("KH", {"tasks": (task,)}), ("CT", {"clauses": (clause,)}), ("CV", {})], 1
    ):
        given = papering.facts(links, kind=kind, number=f"{number}/{kind}", subject=f"Về việc số {number}")
        year_papers.enter(programme, by=officer, at=NOW, facts=given)
    client = login(viewer)

    def numbers(query):
        return [row.number for row in client.get(f"/papers/?year=2026&{query}").context["page"]]

    assert numbers("") == ["3/CV", "2/CT", "1/KH"]
    assert numbers("kind=CT") == ["2/CT"]
    assert numbers(f"about=task-{task.pk}") == ["1/KH"]
    assert numbers(f"about=clause-{clause.pk}") == ["2/CT"]
    assert numbers("q=ve+viec+so+3") == ["3/CV"]
    assert numbers("q=khong+co") == []
    assert numbers("kind=xx&about=task-x") == ["3/CV", "2/CT", "1/KH"]


def test_seen_from_the_programme_and_the_assignment(programme, officer, head, login):
    task, duty = programme.priority_tasks.get(number=1), programme.assignments.get(code="1.01")
    given = papering.facts({"tasks": (task,), "assignments": (duty,)})
    paper = year_papers.enter(programme, by=officer, at=NOW, facts=given)
    client = login(head)
    link = f"about=task-{task.pk}"
    assert link in client.get("/programmes/2026/").text
    assert paper.get_absolute_url() in client.get(duty.get_absolute_url()).text
    year_papers.strike(paper, by=officer, at=NOW, reason="Nhập nhầm")
    assert link not in client.get("/programmes/2026/").text
    assert paper.get_absolute_url() not in client.get(duty.get_absolute_url()).text


def test_fifty_rows_take_the_queries_of_one(programme, officer, login, django_assert_num_queries):
    client = login(officer)
    for _number in range(30):
        row = factories.YearPaperFactory(programme=programme, entered_by=officer)
        row.tasks.set(programme.priority_tasks.all())
        row.clauses.set(programme.clauses.all())
    client.get("/papers/")
    with django_assert_num_queries(15):
        client.get("/papers/")
