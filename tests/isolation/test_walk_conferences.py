"""A conference with the second wall up: each step is looked at past the wall. See test_walk.py."""

import pytest
from django.urls import reverse

from agreements.models import Conference
from portal.notices.models import Notice
from portal.users.models import Role
from tests.agreements.conferring import ENDED, delegate, fresh, of
from tests.factories import ConferenceFactory, person
from tests.isolation.test_walk import signed_in

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]


def url(name: str, conference: Conference, *more: object) -> str:
    return reverse(f"conferences:{name}", args=[conference.pk, *more])


def test_conference_from_answers_to_signed_minutes(programme, cast, host):
    """A deputy of the host takes the chair: one who sees no invitation but the host's own."""
    chair = person("bchqs.pho", Role.DEPUTY_HEAD, host, full_name="Lê Phó")
    row = ConferenceFactory(programme=programme, chair=chair, secretary=cast.officer)
    agency, officer = signed_in(cast.head), signed_in(cast.officer)
    agency.post(url("name", row, "SXD"), {"name": "Ông Đại", "position": "Phó Giám đốc"})
    agency.post(url("contribute", row, "SXD"), {"kind": "point", "about": "", "text": "Nhất trí"})
    agency.post(url("agree", row, "SXD"), {"assent": "full"})
    named = row.attendances.get()
    agency.post(url("arrive", row, row.door_key), {"delegate": named.pk})
    named.refresh_from_db()
    assert (named.how, row.contributions.count(), of(row, "SXD").assent) == ("door", 1, "full")
    other = delegate(row, "UBMTTQ", cast.front_head)
    officer.post(url("attendance", row), {"present": [other.pk, named.pk], "seen": [named.pk]})
    officer.post(url("conclusions", row), {"text": "Quyết tâm"})
    other.refresh_from_db()
    assert (other.how, row.conclusions.count()) == ("list", 1)
    Conference.objects.filter(pk=row.pk).update(
        starts_at=ENDED.replace(hour=6), ended_at=ENDED.replace(hour=8)
    )
    officer.post(url("freeze_minutes", row), {"version": fresh(row).revision})
    sha256 = {"sha256": fresh(row).content_sha256}
    officer.post(url("sign_minutes", row), sha256)
    signed_in(chair).post(url("sign_minutes", row), sha256)
    assert fresh(row).state == "signed"
    told = Notice.objects.filter(kind="conference.minutes").values_list("recipient__username", flat=True)
    assert {"sxd.head", "ubmttq.head"} <= set(told)
