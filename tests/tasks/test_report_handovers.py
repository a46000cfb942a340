"""What was written beside an open report goes with it to the successor."""

from decimal import Decimal

import pytest

from tasks import comments, report_contents
from tasks.models import Comment, ReportLine
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing, reporting
from tests.tasks.reporting import of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def reports_of_quarter(programme):
    reporting.first_quarter(programme)


def merge_into_front(department, front, officer, commander):
    plan = changing.plan("merge", [department], [front], by=officer)
    changing.carry_out(plan, by=officer, then=commander)


def test_comments_go_into_the_report_of_the_successor(
    reports_of_quarter, department, front, front_head, head, officer, commander
):
    """Also where nothing else was written: a shell with a comment is no empty shell."""
    said = comments.add(of("SXD"), by=officer, at=NOW, text="Đề nghị gửi sớm.")
    own = comments.add(of("SXD"), by=head, at=NOW, text="Chờ số liệu.", is_internal=True)
    merge_into_front(department, front, officer, commander)
    assert {row.report for row in Comment.objects.all()} == {of("UBMTTQ")}
    seen = comments.comment_access.visible_comments(front_head)
    assert said in seen
    assert own not in seen


def test_comments_go_with_a_report_that_passes_on(reports_of_quarter, department, officer, commander):
    comments.add(of("SXD"), by=officer, at=NOW, text="Đề nghị gửi sớm.")
    new = factories.AgencyFactory(code="SXD-2026", valid_from=TODAY)
    changing.carry_out(changing.plan("rename", [department], [new], by=officer), by=officer, then=commander)
    assert Comment.objects.get().report == of("SXD-2026")


def test_line_of_both_keeps_the_figure_and_who_led(
    reports_of_quarter, assignment, department, front, front_head, focal_point, officer, commander
):
    line = {"1.01": reporting.figure("4")}
    report = of("SXD")
    reporting.reports.save(report, by=focal_point, at=NOW, draft=reporting.draft(report, line))
    ReportLine.objects.create(
        report=of("UBMTTQ"), assignment=assignment, is_led=False, nothing_to_report=True
    )
    merge_into_front(department, front, officer, commander)
    held = of("UBMTTQ").lines.get(assignment=assignment)
    assert (held.actual, held.is_led, held.nothing_to_report) == (Decimal(4), True, False)
    assert report_contents.items(of("UBMTTQ"))
