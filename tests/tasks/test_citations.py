"""The papers that an assignment cites: its source document, and the products its lead names."""

import datetime as dt
import io
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from openpyxl import load_workbook

from portal.audit.models import Event
from portal.files import store
from portal.lib.errors import RuleError, StaleError
from tasks import citation_access, citations, histories
from tasks.citations import Source
from tasks.models import Assignment, ProductDocument, Programme, SourceDocument
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks.extending import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
SOURCE = Source("15/KH-BCH", dt.date(2026, 1, 5), "Kế hoạch công tác năm", "Mục II")
PAPER = {"number": "27/BC-SXD", "issued_on": dt.date(2026, 2, 3), "subject": "Báo cáo kết quả rà soát"}
TYPED = {**PAPER, "issued_on": "2026-02-03"}


@pytest.fixture
def working(assignment) -> Assignment:
    Assignment.objects.filter(pk=assignment.pk).update(status="in_progress")
    return fresh(assignment)


@pytest.fixture
def product(working, focal_point) -> ProductDocument:
    return citations.name(working, by=focal_point, at=NOW, **PAPER)


def page(row, name="detail", *more) -> str:
    return reverse(f"assignments:{name}", args=[row.pk, *more])


def of(row, agency, content=b"x"):
    return factories.EvidenceFactory(
        assignment=row, agency=agency, file=store.put(content, media_type="text/plain", at=NOW)
    )


# --- The source document ----------------------------------------------------------------------------
def test_the_officer_says_which_document_gives_it_out(assignment, officer):
    citations.cite(assignment, by=officer, at=NOW, source=SOURCE)
    row = SourceDocument.objects.get()
    assert (row.number, row.issued_on, row.clause) == ("15/KH-BCH", SOURCE.issued_on, "Mục II")
    event = Event.objects.get(verb="assignment.source_cited")
    told = json.loads(event.payload)["after"]["sourcedocument.0"]
    assert told["subject"] == "Kế hoạch công tác năm"


def test_the_history_tells_it_in_words(assignment, officer):
    citations.cite(assignment, by=officer, at=NOW, source=SOURCE)
    other = Source("16/KH-BCH", SOURCE.issued_on, SOURCE.subject, SOURCE.clause)
    citations.cite(fresh(assignment), by=officer, at=NOW, source=other)
    (line,) = histories.History(fresh(assignment), with_draft=True).entries[0].lines
    assert (line.before, line.after) == ("15/KH-BCH", "16/KH-BCH")


def test_in_a_draft_too(draft_programme, officer):
    row = draft_programme.assignments.get(code="1.01")
    citations.cite(row, by=officer, at=NOW, source=SOURCE)
    assert fresh(row).source.number == "15/KH-BCH"


def test_the_same_again_leaves_no_event_and_none_takes_it_out(assignment, officer):
    for _time in range(2):
        citations.cite(fresh(assignment), by=officer, at=NOW, source=SOURCE)
    assert Event.objects.filter(verb="assignment.source_cited").count() == 1
    citations.cite(fresh(assignment), by=officer, at=NOW, source=None)
    assert not SourceDocument.objects.exists()
    assert Event.objects.filter(verb="assignment.source_cited").count() == 2


def test_the_lead_does_not_write_its_own_order(assignment, head):
    with pytest.raises(PermissionDenied):
        citations.cite(assignment, by=head, at=NOW, source=SOURCE)


def test_not_after_the_end_nor_of_tomorrow(assignment, officer):
    future = Source("1/KH", TODAY + dt.timedelta(days=1), "Mai")
    with pytest.raises(RuleError, match="không được sau hôm nay"):
        citations.cite(assignment, by=officer, at=NOW, source=future)
    Programme.objects.update(state="closed")
    with pytest.raises(RuleError, match="kết thúc"):
        citations.cite(fresh(assignment), by=officer, at=NOW, source=SOURCE)


def test_a_source_changed_meanwhile_is_not_written_over(assignment, officer):
    seen = citations.version_of(assignment)
    citations.cite(assignment, by=officer, at=NOW, source=SOURCE)
    with pytest.raises(StaleError):
        citations.cite(fresh(assignment), by=officer, at=NOW, source=None, version=seen)
    assert SourceDocument.objects.exists()


def test_its_page_saves_it_and_everybody_reads_it(assignment, officer, stranger, viewer, login):
    client = login(officer)
    html = client.get(page(assignment, "source")).content.decode()
    assert "Văn bản giao" in html
    typed = {"number": "15/KH-BCH", "issued_on": "2026-01-05", "subject": "Kế hoạch", "clause": ""}
    sent = {**typed, "version": citations.version_of(assignment)}
    assert client.post(page(assignment, "source"), sent).status_code == 302
    assert "15/KH-BCH" in login(viewer).get(page(assignment)).content.decode()
    stale = client.post(page(assignment, "source"), sent | {"number": "16/KH-BCH"})
    assert stale.status_code == 409
    assert all(words in stale.content.decode() for words in ("16/KH-BCH", "15/KH-BCH"))


def test_half_a_source_is_refused(assignment, officer, login):
    sent = {"number": "15/KH-BCH", "version": citations.version_of(assignment)}
    assert login(officer).post(page(assignment, "source"), sent).status_code == 400
    assert not SourceDocument.objects.exists()


def test_others_do_not_reach_the_page_of_the_source(assignment, head, stranger, login):
    assert login(head).get(page(assignment, "source")).status_code == 403
    assert login(stranger).get(page(assignment, "source")).status_code == 404


def test_the_history_tells_products_too(product, working, head):
    citations.drop(product, by=head, at=NOW)
    dropped, named = histories.History(fresh(working), with_draft=True).entries[:2]
    assert {line.after for line in named.lines} >= {"27/BC-SXD", PAPER["subject"]}
    assert {line.before for line in dropped.lines} >= {"27/BC-SXD", PAPER["subject"]}


# --- Products ------------------------------------------------------------------------------------------
def test_the_lead_names_a_product_with_its_file(working, focal_point, department):
    file = of(working, department)
    citations.name(working, by=focal_point, at=NOW, file=file, **PAPER)
    row = ProductDocument.objects.get()
    assert (row.number, row.evidence, row.named_by) == ("27/BC-SXD", file, focal_point)
    told = json.loads(Event.objects.get(verb="assignment.product_named").payload)
    assert told["after"][f"productdocument.{row.pk}"]["number"] == "27/BC-SXD"
    assert told["file"] == file.pk


def test_who_coordinates_names_none(working, front_head, officer):
    for user in (front_head, officer):
        with pytest.raises(PermissionDenied):
            citations.name(working, by=user, at=NOW, **PAPER)


def test_not_once_the_result_was_sent(working, product, head):
    Assignment.objects.update(status="submitted", submitted_on=TODAY)
    with pytest.raises(RuleError):
        citations.name(fresh(working), by=head, at=NOW, **{**PAPER, "number": "28/BC"})
    with pytest.raises(RuleError):
        citations.drop(product, by=head, at=NOW)
    assert ProductDocument.objects.get() == product


def test_not_twice_and_not_of_tomorrow(working, product, head):
    with pytest.raises(RuleError, match="đã được ghi"):
        citations.name(fresh(working), by=head, at=NOW, **PAPER)
    tomorrow = {**PAPER, "issued_on": TODAY + dt.timedelta(days=1)}
    with pytest.raises(RuleError, match="không được sau hôm nay"):
        citations.name(fresh(working), by=head, at=NOW, **tomorrow)


def test_the_file_is_the_leads_own_and_in_use(working, head, front, department):
    withdrawn = of(working, department)
    type(withdrawn).objects.filter(pk=withdrawn.pk).update(state="withdrawn", withdrawn_at=NOW)
    for file in (of(working, front, b"y"), withdrawn):
        with pytest.raises(RuleError, match="minh chứng"):
            citations.name(fresh(working), by=head, at=NOW, file=file, **PAPER)


def test_dropped_by_two_at_once_is_told_to_the_second(product, focal_point, head):
    second = ProductDocument.objects.select_related("assignment__programme", "assignment__lead").get()
    citations.drop(product, by=focal_point, at=NOW)
    with pytest.raises(RuleError, match="bỏ ra"):
        citations.drop(second, by=head, at=NOW)
    assert Event.objects.filter(verb="assignment.product_dropped").count() == 1


def test_seen_as_the_log_is(product, cast, stranger):
    seen = {
        name: citation_access.visible_products(user).exists()
        for name, user in {**vars(cast), "stranger": stranger}.items()
    }
    assert {name for name, sees in seen.items() if sees} == {
        *("officer", "commander", "clerk", "front_head", "head", "deputy", "focal_point")
    }


def test_the_page_names_shows_and_drops(working, department, focal_point, front_head, viewer, login):
    file = of(working, department)
    client = login(focal_point)
    assert client.post(page(working, "name_product"), {**TYPED, "file": file.pk}).status_code == 302
    html = client.get(page(working)).content.decode()
    assert "27/BC-SXD" in html
    assert page(working, "evidence", file.pk) in html.split('id="products"')[1].split("</section>")[0]
    coordinating = login(front_head).get(page(working)).content.decode()
    shown = coordinating.split('id="products"')[1].split("</section>")[0]
    assert "27/BC-SXD" in shown  # the paper, not the lead's file
    assert page(working, "evidence", file.pk) not in shown
    assert "27/BC-SXD" not in login(viewer).get(page(working)).content.decode()
    row = ProductDocument.objects.get()
    assert login(front_head).post(page(working, "drop_product", row.pk)).status_code == 403
    assert client.post(page(working, "drop_product", row.pk)).status_code == 302
    assert not ProductDocument.objects.exists()


def test_a_refused_product_comes_back_as_it_was_typed(working, focal_point, login):
    response = login(focal_point).post(page(working, "name_product"), {"number": "28/BC-SXD"})
    assert response.status_code == 400
    assert "28/BC-SXD" in response.content.decode()


def test_the_workbook_names_both_where_they_are_seen(product, assignment, officer, stranger, viewer, login):
    citations.cite(assignment, by=officer, at=NOW, source=SOURCE)
    for user, products in ((officer, True), (viewer, False)):
        cells = workbook(login(user).get(reverse("assignments:export") + "?year=2026"))
        assert any("15/KH-BCH" in cell for cell in cells)
        assert any("27/BC-SXD" in cell for cell in cells) is products


def workbook(response) -> list[str]:
    sheet = load_workbook(io.BytesIO(b"".join(response))).active
    return [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]


def test_twenty_products_take_the_queries_of_one(working, focal_point, login, django_assert_num_queries):
    client = login(focal_point)
    for number in range(20):
        put_product(working, focal_point, number)
    client.get(page(working))
    with django_assert_num_queries(23):
        client.get(page(working))


def put_product(row, by, number):
    ProductDocument.objects.create(
        assignment=row, number=f"{number}/BC", issued_on=TODAY, subject="Báo cáo", named_by=by, named_at=NOW
    )
