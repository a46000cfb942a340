"""The first wall taken away: every rule of access says yes, and PostgreSQL still shows nothing foreign.

Control: with the second wall open as well, the same pages show the same people what is not theirs. So it
is the second wall that hides it, and nothing else.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model, Q

from agreements import access as agreements_access
from agreements import consultation_access
from agreements.models import (
    Amendment,
    AmendmentChange,
    Certificate,
    CertificateRequest,
    Consultation,
    ConsultationAnswer,
    ConsultationComment,
    Credential,
    DraftVersion,
    SigningRequest,
    Suspension,
)
from portal.lib import walls
from portal.notices import access as notices_access
from portal.notices.models import Notice
from portal.users import middleware
from tasks import access as tasks_access
from tasks import comment_access, indicator_access, light_access
from tasks.models import (
    Comment,
    Evidence,
    ExtensionRequest,
    Figure,
    LightOverride,
    Mention,
    PartyHeir,
    Programme,
    Progress,
    Quota,
    Report,
    ReportLine,
    ReportStep,
    SendingGrant,
    Urging,
    UrgingLetter,
)
from tests.factories import NOW, TODAY
from tests.isolation import rating
from tests.isolation.behind import BEHIND
from tests.isolation.crawler import Crawler
from tests.isolation.people import YEAR, World

pytestmark = pytest.mark.postgres

# --- Every table with a policy, by itself -----------------------------------------------------------
RELEASES = {"officer", "commander"}
"""Who the database shows a row to, whatever the portal asks for: told a second time, without its rules."""


def test_every_table_with_a_policy_has_its_row_here(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tablename FROM pg_policies WHERE schemaname = current_schema()")
        assert {table for (table,) in cursor.fetchall()} == set(BEHIND)
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
            " AND relrowsecurity AND relforcerowsecurity"
        )
        assert {table for (table,) in cursor.fetchall()} == set(BEHIND), "for its owner too"


def _add_what_the_crawled_world_has_not(world: World) -> None:
    officer, certificate = world.people["officer"], Certificate.objects.get(pk=world.certificates["sxd_head"])
    Suspension.objects.create(certificate=certificate, suspended_at=NOW, suspended_by=officer, reason="Mất")
    amendment = Amendment.objects.create(
        programme=Programme.objects.get(year=YEAR),
        ordinal=1,
        reason="Đổi thời hạn",
        closes_on=TODAY,
        proposed_by=officer,
        proposed_at=NOW,
    )
    AmendmentChange.objects.create(amendment=amendment, code="1.01")
    rating.decide(world)


def test_a_table_shows_each_person_their_rows_and_no_other(world, subtests):
    """No rule of access stands in between: all rows are asked for."""
    _add_what_the_crawled_world_has_not(world)
    models = {model._meta.db_table: model for model in apps.get_models()}
    for table, readers in BEHIND.items():
        with subtests.test(table=table):
            _shows_each_their_own(world, models[table], readers)


def _shows_each_their_own(
    world: World, model: type[Model], readers: Callable[[World, Any], set[str]]
) -> None:
    rows = list(model._base_manager.all())
    seen_by = {row.pk: readers(world, row) for row in rows}
    assert rows, "the world has such a row"
    for name, user in world.people.items():
        with walls.request():
            walls.let_in(middleware.reach_of(user))
            seen = set(model._base_manager.values_list("pk", flat=True))
        assert seen == {pk for pk, people in seen_by.items() if name in people}, name
    with walls.request():
        assert not model._base_manager.exists(), "nobody is let in"


def test_who_came_into_a_partys_place_reads_its_published_table(world):
    closed = Consultation.objects.get(pk=world.consultations["closed"])
    party = closed.programme.signatories.exclude(agency=closed.programme.host).first().agency
    heir = world.agencies["CTK"]
    PartyHeir.objects.create(programme=closed.programme, predecessor=party, agency=heir, since_on=TODAY)
    with walls.request():
        walls.let_in(middleware.reach_of(world.people["stranger"]))
        assert ConsultationComment.objects.filter(answer__consultation=closed).exists()
        assert closed.answers.count() > 1


# --- Through the pages ------------------------------------------------------------------------------
BEHIND_THE_WALL = {
    "log",
    "notice",
    "credential",
    "file",
    "file name",
    "refusal",
    "report",
    "extension",
    "urging",
    "light",
    "comment",
    "entry",
}
PEOPLE = ("syt_head", "syt_focal", "viewer")
PAGES = (
    "home",
    "assignments:detail",
    "assignments:evidence",
    "indicators:detail",
    "notices:list",
    "extensions:detail",
    "extensions:list",
    "reports:detail",
    "consultations:detail",
    "consultations:table",
    "agreements:certificate",
    "agreements:certificate_requests",
    "agreements:certificate_request",
)


@pytest.fixture
def first_wall_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every rule about who sees what say yes."""
    files = Evidence.objects.select_related("agency", "file__recall__by", "uploaded_by", "withdrawn_by")
    requests = ExtensionRequest.objects.select_related(
        "assignment__programme__host", "agency", "evidence__file__recall", "requested_by", "decided_by"
    )
    rounds = Consultation.objects.select_related("programme__host", "version", "outcome")
    answers = ConsultationAnswer.objects.select_related("consultation__programme__host", "agency")
    comments = ConsultationComment.objects.select_related("answer__agency", "answer__consultation")
    for module, name, rule in (
        (tasks_access, "visible_programmes", lambda user: Programme.objects.all()),
        (tasks_access, "progress_rule", lambda user: Q(pk__isnull=False)),
        (indicator_access, "may_see_parts", lambda user: True),
        (tasks_access, "may_see_log", lambda user, assignment: True),
        (tasks_access, "visible_log", lambda user, row: Progress.objects.filter(assignment=row)),
        (comment_access, "may_read", lambda user, subject: True),
        (
            comment_access,
            "visible_comments",
            lambda user: Comment.objects.select_related("by", "agency", "deleted_by"),
        ),
        (light_access, "visible_overrides", lambda user: LightOverride.objects.all()),
        (tasks_access, "may_see_evidence", lambda user, assignment: True),
        (tasks_access, "visible_evidence", lambda user: files.all()),
        (
            tasks_access,
            "visible_urgings",
            lambda user: Urging.objects.select_related("by", "assignment", "report__period__programme"),
        ),
        (tasks_access, "visible_extensions", lambda user: requests.all()),
        (
            tasks_access,
            "visible_reports",
            lambda user: Report.objects.select_related("period__programme__host", "agency", "saved_by"),
        ),
        (consultation_access, "visible_consultations", lambda user: rounds.all()),
        (consultation_access, "visible_answers", lambda user: answers.all()),
        (consultation_access, "visible_comments", lambda user: comments.all()),
        (consultation_access, "may_see_table", lambda user, row: True),
        (notices_access, "visible_notices", lambda user: Notice.objects.shown()),
        (agreements_access, "may_hold_certificate", lambda user: True),
        (agreements_access, "may_see_requests", lambda user: True),
        (
            agreements_access,
            "visible_requests",
            lambda user: CertificateRequest.objects.select_related("user", "agency", "decided_by"),
        ),
        (
            agreements_access,
            "visible_credentials",
            lambda user: Credential.objects.select_related("certificate"),
        ),
    ):
        monkeypatch.setattr(module, name, rule)


def kinds_shown(world) -> set[str]:
    """Crawl a few pages as a few people; return the kinds of foreign words that they meet."""
    leaks = Crawler(world, people=PEOPLE, only=PAGES).crawl().leaks
    kinds = {canary.kind for canary in world.canaries}
    told = [line.partition(" shows ")[2] for line in leaks]
    return {kind for kind in kinds for line in told if line.startswith(f"{kind} ")}


def test_the_second_wall_stands_alone(world, first_wall_gone):
    shown = kinds_shown(world)
    assert not shown & BEHIND_THE_WALL
    assert "reason" in shown or "result" in shown  # columns of rows that everybody reads: see the decision


def test_without_it_the_same_pages_tell(world, first_wall_gone, monkeypatch):
    monkeypatch.setattr(middleware, "reach_of", lambda user: walls.EVERYTHING)
    assert {
        "log",
        "notice",
        "file",
        "file name",
        "refusal",
        "report",
        "entry",
        "light",
        "comment",
    } <= kinds_shown(world)
    assert {"log", "notice", "file", "file name", "refusal", "report", "extension", "urging"} <= kinds_shown(
        world
    )


def test_a_sealed_key_is_its_owners_alone(world, first_wall_gone):
    def serials(name: str) -> list[str]:
        user = world.people[name]
        with walls.request():
            walls.let_in(middleware.reach_of(user))
            return [row.certificate.serial for row in agreements_access.visible_credentials(user)]

    assert len(serials("sxd_head")) == len(serials("stc_head")) == 1
    assert serials("sxd_head") != serials("stc_head")
    assert serials("commander") == serials("sxd_deputy") == serials("viewer") == []
    assert len(serials("admin")) == 2  # that they are there and locked; the key itself stays in the database


def test_nobody_writes_in_anothers_name(world):
    """What the actions refuse the database refuses too."""
    stranger, row = world.people["syt_focal"], world.assignments["1.01"]
    with walls.request():
        walls.let_in(middleware.reach_of(stranger))
        assert not Progress.objects.filter(assignment=row).exists()
        assert Notice.objects.exclude(recipient=stranger).update(read_at=None) == 0
        assert Credential.objects.update(failures=0) == 0
        assert Progress.objects.update(text="") == 0
        assert Progress.objects.all().delete()[0] == 0
        assert Evidence.objects.update(title="") == 0
        assert Evidence.objects.all().delete()[0] == 0
        assert Comment.objects.update(text="x") == 0
        assert Comment.objects.all().delete()[0] == 0
        assert not Mention.objects.exists()
        assert LightOverride.objects.update(reason="x") == 0
        assert LightOverride.objects.all().delete()[0] == 0
        assert Urging.objects.update(text="x") == 0
        assert Urging.objects.all().delete()[0] == 0
        assert UrgingLetter.objects.update(number="1") == 0
        assert UrgingLetter.objects.all().delete()[0] == 0
        assert ExtensionRequest.objects.update(reason="x") == 0
        assert ExtensionRequest.objects.all().delete()[0] == 0
        assert Report.objects.exclude(agency=stranger.agency_id).update(summary="") == 0
        assert ReportLine.objects.exclude(report__agency=stranger.agency_id).update(text="") == 0
        assert ReportStep.objects.update(text="") == 0
        assert Report.objects.all().delete()[0] == 0
        assert not Quota.objects.exists()
        assert Quota.objects.update(share=0) == 0
        assert Figure.objects.update(value=0) == 0
        assert SendingGrant.objects.update(valid_until=TODAY) == 0
        assert SendingGrant.objects.all().delete()[0] == 0
        assert CertificateRequest.objects.update(reason="x") == 0
        assert CertificateRequest.objects.all().delete()[0] == 0
        assert ConsultationAnswer.objects.exclude(agency=stranger.agency_id).update(verdict="agreed") == 0
        assert ConsultationComment.objects.update(decision="accepted") == 0
        assert ConsultationComment.objects.all().delete()[0] == 0
        assert DraftVersion.objects.update(label="x") == 0
        assert SigningRequest.objects.all().delete()[0] == 0
