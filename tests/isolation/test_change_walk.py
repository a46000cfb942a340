"""A change of agencies with the second wall up: whoever confirms it, rows of every agency are moved."""

import datetime as dt
from decimal import Decimal

import pytest

from tasks import quotas
from tasks.models import Assignment, ExtensionRequest, Quota, Report
from tasks.quotas import Holder
from tests import factories
from tests.factories import NOW, TODAY
from tests.isolation.test_walk import signed_in
from tests.tasks import changing, extending, reporting

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]


@pytest.mark.parametrize("who", ["commander", "admin"])
def test_change_moves_what_the_confirming_person_does_not_see(
    cast, programme, assignment, head, front, department, officer, who
):
    successor = factories.AgencyFactory(code="SXD-2026", valid_from=TODAY)
    reporting.first_quarter(programme)
    Assignment.objects.filter(pk=assignment.pk).update(status="in_progress", target=10)
    row = extending.fresh(assignment)
    shares = {Holder(agency_id=department.pk): Decimal(7), Holder(agency_id=front.pk): Decimal(3)}
    quotas.distribute(row, by=head, at=NOW, shares=shares)
    asked = extending.asked(row, head)
    plan = changing.plan("rename", [department], [successor], by=officer)
    web = signed_in(officer)
    page = web.get(f"/agency-changes/{plan.pk}/")
    assert page.context["preview"].counts.quotas == 1
    sent = {line.field.html_name: line.row.value for line in page.context["preview"].people}
    web.post(f"/agency-changes/{plan.pk}/choose/", sent | {"version": page.context["version"]})
    assert plan.post_moves.count() == len(sent)
    web.post(f"/agency-changes/{plan.pk}/propose/")
    later = signed_in(getattr(cast, who), for_="users")
    assert later.post(f"/agency-changes/{plan.pk}/confirm/").status_code == 302
    plan.refresh_from_db()
    assert plan.state == "carried_out"
    assert set(Quota.objects.values_list("agency__code", "share")) == {("SXD-2026", 7), ("UBMTTQ", 3)}
    assert ExtensionRequest.objects.get(pk=asked.pk).agency == successor
    assert not Report.objects.filter(agency=department).exists()
    assert Report.objects.filter(agency=successor).exists()
    taking = signed_in(type(head).objects.get(pk=head.pk))
    assert taking.get(assignment.get_absolute_url()).status_code == 200
    assert Assignment.objects.get(pk=assignment.pk).log.filter(at__gte=NOW - dt.timedelta(1)).exists()
