"""Drafting and cooperation with the second wall up, each step looked at past it. See test_walk.py."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.notices.models import Notice
from tasks import citations
from tasks.models import AssignmentImport, Cooperation, Coordination, ProductDocument, SourceDocument
from tests.isolation.test_walk import signed_in
from tests.tasks.drafting import row, workbook

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"


def test_sheets_are_sent_discarded_and_added(draft_programme, officer, commander):
    web = signed_in(officer)
    for n in range(2):  # the second takes the place of the first
        sent = SimpleUploadedFile("Bảng.xlsx", workbook([row(n)]))
        web.post(reverse("drafting:import", args=[2026]), {"sent": sent})
    first, second = AssignmentImport.objects.order_by("pk")
    assert (first.state, second.state) == ("discarded", "waiting")
    signed_in(commander).post(reverse("drafting:load", args=[second.pk]))
    second.refresh_from_db()
    assert (second.state, second.loaded_count) == ("loaded", 1)
    assert draft_programme.assignments.filter(code="1.101").exists()


def test_cooperation_is_asked_reported_approved_and_rated(
    assignment, focal_point, front_head, head, officer, front
):
    share = Coordination.objects.get(assignment=assignment, agency=front)

    def send(who, name, **data):
        signed_in(who).post(reverse(f"cooperations:{name}", args=[share.pk]), data)
        return Cooperation.objects.get(share=share)

    asked = {"due_on": "2026-03-20", "request": "Ý kiến về quy hoạch"}
    assert send(focal_point, "ask", **asked).request == asked["request"]
    assert send(front_head, "report", text="Đã góp ý").state == "delivered"
    assert Notice.objects.filter(kind="cooperation.delivered", recipient=focal_point).exists()
    assert send(head, "rate", rating="3").rating == 3
    again = send(officer, "ask", **asked)
    assert (again.state, again.rating) == ("asked", None)


def test_papers_are_cited_named_and_dropped(assignment, officer, focal_point, front_head):
    def send(who, name, *more, **data):
        return signed_in(who).post(reverse(f"assignments:{name}", args=[assignment.pk, *more]), data)

    said = {"number": "15/KH-BCH", "issued_on": "2026-01-05", "subject": "Kế hoạch"}
    send(officer, "source", version=citations.version_of(assignment), **said)
    assert SourceDocument.objects.get(assignment=assignment).number == "15/KH-BCH"
    send(focal_point, "name_product", **{**said, "number": "27/BC-SXD"})
    product = ProductDocument.objects.get(assignment=assignment)
    assert product.named_by == focal_point
    assert send(front_head, "drop_product", product.pk).status_code == 403
    send(focal_point, "drop_product", product.pk)
    assert not ProductDocument.objects.exists()
