"""A conference with the second wall up: each step is looked at past the wall. See test_walk.py."""

import pytest
from django.urls import reverse

from agreements import conclusions, discussions, minutes
from agreements.conclusions import Concluded
from agreements.discussions import Said
from agreements.models import Attendance, Conclusion, Conference, Contribution, InvitedAgency, MinutesPart
from portal.lib import walls
from portal.notices.models import Notice
from portal.users.middleware import reach_of
from portal.users.models import Role, User
from tests.agreements.conferring import ENDED, delegate, fresh, of
from tests.factories import NOW, ConferenceFactory, person
from tests.isolation.test_walk import signed_in

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]


def url(name: str, conference: Conference, *more: object) -> str:
    return reverse(f"conferences:{name}", args=[conference.pk, *more])


def test_wall_shows_the_secretary_what_the_minutes_are_drafted_from(programme, cast, host):
    """A focal point of the host, recorded as secretary: until it is frozen, and while at the host."""
    keeper, other = (person(f"bchqs.{name}", Role.FOCAL_POINT, host) for name in ("thuky", "khac"))
    row = ConferenceFactory(programme=programme, chair=cast.commander, secretary=keeper)
    foreign = ConferenceFactory(programme=programme, chair=cast.commander, secretary=cast.officer)
    for one in (row, foreign):
        one.invited.exclude(agency__code="SXD").delete()  # the host and others may be invited themselves
        delegate(one, "SXD", cast.head)
        discussions.contribute(of(one, "SXD"), by=cast.head, at=NOW, said=Said("point", "Nhất trí"))
        conclusions.conclude(one, by=cast.officer, at=NOW, concluded=Concluded("Quyết tâm"))
        MinutesPart.objects.create(conference=one, section="opening", text="Hôm nay")
    behind = (InvitedAgency, Attendance, Contribution, Conclusion, MinutesPart)

    def seen(user: User) -> dict[int, list[str]]:
        with walls.request():
            walls.let_in(reach_of(User.objects.get(pk=user.pk)))
            keys = [(kind, list(kind.objects.values_list("conference", flat=True))) for kind in behind]
        return {one.pk: [kind.__name__ for kind, found in keys if one.pk in found] for one in (row, foreign)}

    everything, own = [kind.__name__ for kind in behind], []
    assert seen(keeper) == {row.pk: everything, foreign.pk: own}
    assert seen(other) == {row.pk: own, foreign.pk: own}
    page = signed_in(keeper)
    sent = {"ended": "08:00", "version": fresh(row).revision, "text_closing": "Hết."}
    Conference.objects.filter(pk=row.pk).update(starts_at=ENDED.replace(hour=6))
    page.post(url("write_minutes", row), sent)
    assert row.parts.get(section="closing").text == "Hết."
    with walls.request():
        walls.let_in(reach_of(User.objects.get(pk=keeper.pk)))
        assert Contribution.objects.filter(conference=row).delete()[0] == 0, "the agency's, to be taken back"
    minutes.freeze(fresh(row), by=cast.officer, at=NOW)
    assert seen(keeper)[row.pk] == own
    minutes.reopen(fresh(row), by=cast.officer, at=NOW, reason="Thiếu một ý kiến")
    assert seen(keeper)[row.pk] == everything
    keeper.memberships.update(agency=cast.front_head.memberships.get().agency)
    assert seen(keeper)[row.pk] == own


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
