"""The ten real changes of Thanh Hóa in 2025, in order, on the demonstration's programme."""

import datetime as dt
from collections import Counter

import pytest
import time_machine

from portal.agencies.models import Agency, AgencyChange
from portal.lib.dates import LOCAL
from portal.operations.demo.building import FILE
from portal.users.models import Membership, Role, User
from tasks import access, changes, parties, shells
from tasks.loading.writing import load, open_file
from tasks.models import Assignment, ChangePlan, Coordination, Programme, Report, Signatory
from tests.factories import MembershipFactory, UserFactory, person
from tests.tasks import changing
from tests.tasks.changing import parts_of

pytestmark = pytest.mark.django_db
LOADED = dt.datetime(2023, 1, 20, 9, 0, tzinfo=LOCAL)
CHOICES = {"CH07": {"2.14": "SDTTG", "5.07": "SNV-2025", "5.02": "SNV-2025"}}
"""What the officer chooses otherwise than proposed, and where the proposal is confirmed on purpose."""


@pytest.fixture
def programme() -> Programme:
    """The programme of 2023 with all its agencies, every assignment given out and nothing reported."""
    with time_machine.travel(LOADED, tick=False):
        loaded = load(open_file(FILE), by=None, at=LOADED).programme
    Programme.objects.filter(pk=loaded.pk).update(state="in_force", in_force_at=LOADED)
    Assignment.objects.filter(programme=loaded).update(status="assigned")
    loaded.refresh_from_db()
    host = loaded.host
    person("troly", Role.PROGRAMME_OFFICER, host)
    person("cht", Role.COMMANDER, host)
    for agency in Agency.objects.filter(signatory_in__programme=loaded).exclude(pk=host.pk):
        for role in (Role.AGENCY_HEAD, Role.FOCAL_POINT):
            user = UserFactory(username=f"{agency.code.lower()}.{role}")
            MembershipFactory(user=user, agency=agency, role=role, valid_from=dt.date(2023, 1, 1))
    return loaded


def totals() -> tuple[int, Counter[str], object]:
    """What a year comes to, whoever leads what."""
    rows = Assignment.objects.filter(programme__year=2023)
    return rows.count(), Counter(rows.values_list("status", flat=True)), sum(row.target for row in rows)


def carry_out_all() -> None:
    officer, commander = User.objects.get(username="troly"), User.objects.get(username="cht")
    days: dict[dt.date, list[str]] = {}
    for row in AgencyChange.objects.order_by("effective_on", "reference"):
        days.setdefault(row.effective_on, []).append(row.reference)
    for day, references in days.items():
        at = dt.datetime.combine(day, dt.time(9), LOCAL)
        eve = at - dt.timedelta(days=1)
        with time_machine.travel(eve, tick=False):
            plans = [changing.of_register(name, by=officer, at=eve) for name in references]
            for plan in plans:
                chosen = CHOICES.get(plan.reference)
                changing.carry_out(plan, chosen, by=officer, then=commander, at=eve)
        with time_machine.travel(at, tick=False):
            assert changes.carry_out_due(at=at) == len(plans), [
                plan.refusal for plan in ChangePlan.objects.exclude(refusal="")
            ]


def test_ten_changes_in_order_lose_nothing_and_leave_one_lead(programme):
    shells.make(programme)
    before = totals()
    signed = list(Signatory.objects.values_list("agency__code", flat=True))
    carry_out_all()
    assert ChangePlan.objects.filter(state="carried_out").count() == 10
    assert AgencyChange.objects.count() == 10  # the register's own rows, now with their document
    assert totals() == before
    gone = Agency.objects.filter(valid_to__lt=dt.date(2025, 7, 1))
    assert set(gone.values_list("code", flat=True)) == {
        *("BTGTU", "BDVTU", "DUK", "SNNPTNT", "STNMT", "SKHDT", "STC", "SGTVT", "SXD"),
        *("STTTT", "SKHCN", "SLDTBXH", "SNV", "BDT", "BBP"),
    }
    assert not Assignment.objects.filter(lead__in=gone).exists()
    assert not Coordination.objects.filter(agency__in=gone).exists()
    for row in Assignment.objects.prefetch_related("coordinations"):
        others = [share.agency_id for share in row.coordinations.all()]
        assert row.lead_id not in others
        assert len(others) == len(set(others))
    assert list(Signatory.objects.values_list("agency__code", flat=True)) == signed  # as signed

    # The traps
    lead, others = parts_of("1.04")
    assert lead == "STC-2025"  # SKHDT led, STC coordinated: one body
    assert "STC" not in others
    _lead, others = parts_of("1.10")
    assert others.count("SNNMT") == 1  # from STNMT and SNNPTNT
    assert {"SXD-2025", "STC-2025"} <= set(others)
    lead, others = parts_of("2.14")
    assert lead == "SDTTG"  # religion left SNV; BDT coordinated and became the lead itself
    assert "BDT" not in others
    assert parts_of("5.02")[0] == "SNV-2025"
    lead, others = parts_of("5.07")
    assert (lead, "SGDDT" in others) == ("SNV-2025", True)

    # The border guards are inside the host, and no party any more
    assert not Coordination.objects.filter(agency__code="BCHBDBP").exists()
    now = set(parties.agencies(programme).values_list("code", flat=True))
    assert not {"BBP", "BCHBDBP", "DUK", "SNV"} & now
    assert {"BTGDVTU", "DU-CQD", "DU-UBND", "SNNMT", "SDTTG", "SNV-2025", "BCHQS", "CAT"} <= now
    assert len(now) == 46 - 15 + 9  # nine bodies came; PTKV and BCHBDBP are inside the command

    # Reports: open ones passed on, none is owed by who is gone, nobody owes two for a period
    assert not Report.objects.filter(agency__in=gone).exists()

    # People
    assert not Membership.objects.filter(agency__in=gone, valid_to=None).exists()
    heads = Membership.objects.filter(valid_to=None, role=Role.AGENCY_HEAD)
    assert not [code for code, n in Counter(heads.values_list("agency", flat=True)).items() if n > 1]
    assert Membership.objects.filter(valid_to=None).values("user").distinct().count() == 2 + 45 * 2

    # What they see
    with time_machine.travel(dt.datetime(2025, 8, 1, 9, tzinfo=LOCAL), tick=False):
        taking = User.objects.get(username="stnmt.focal_point")
        assert taking.post.agency.code == "SNNMT"
        assert access.assignments_with_progress(taking).filter(code="1.10").exists()
        inside = User.objects.get(username="bbp.focal_point")
        assert inside.post.agency.code == "BCHBDBP"
        assert not access.visible_programmes(inside).exists()
