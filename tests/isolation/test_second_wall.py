"""The first wall taken away: every rule of access says yes, and PostgreSQL still shows nothing foreign.

Control: with the second wall open as well, the same pages show the same people what is not theirs. So it
is the second wall that hides it, and nothing else.
"""

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model, Q

from agreements import access as agreements_access
from agreements import consultation_access
from agreements.models import (
    Amendment,
    AmendmentChange,
    Authorisation,
    Certificate,
    CertificateRequest,
    Consultation,
    ConsultationAnswer,
    ConsultationComment,
    Credential,
    DraftVersion,
    MarkPicture,
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
from tests.isolation.crawler import Crawler
from tests.isolation.people import COMMAND, COORDINATED, DRAFT_YEAR, LED, PARTIES, POSTS, YEAR, World

pytestmark = pytest.mark.postgres

# --- Every table with a policy, by itself -----------------------------------------------------------
RELEASES = {"officer", "commander"}
Sees = Callable[[World, Model], set[str]]


def _of(*codes: str) -> set[str]:
    """The people of some agencies whose posts report or read there."""
    return {name for name, (code, _role) in POSTS.items() if code in codes} - {"admin", "viewer"}


def _name(world: World, user_id: int) -> str:
    return next(name for name, user in world.people.items() if user.pk == user_id)


def _sees_log(world: World, row: Progress | LightOverride | Comment) -> set[str]:
    code = row.assignment.code
    return _of(LED[code], *COORDINATED.get(code, ())) | COMMAND


def _sees_file(world: World, row: Evidence) -> set[str]:
    return _of(row.agency.code, LED[row.assignment.code]) | COMMAND | {"admin"}


def _sees_authorisation(world: World, row: Authorisation) -> set[str]:
    return {name for name, (code, _role) in POSTS.items() if code == row.agency.code} | COMMAND | {"admin"}


def _sees_seal(world: World, row: MarkPicture) -> set[str]:
    return {name for name, (code, _role) in POSTS.items() if code == row.agency.code} | {"admin"}


def _sees_extension(world: World, row: ExtensionRequest) -> set[str]:
    return _of(row.agency.code) | COMMAND


def _sees_report(world: World, row: Report | SendingGrant) -> set[str]:
    return _of(row.agency.code) | COMMAND


def _sees_part(world: World, row: ReportLine | ReportStep) -> set[str]:
    return _sees_report(world, row.report)


def _sees_parts(world: World, row: Quota | Figure) -> set[str]:
    code = row.indicator.assignment.code
    return _of(LED[code], *COORDINATED.get(code, ())) | COMMAND


def _sees_letter(world: World, row: UrgingLetter) -> set[str]:
    return COMMAND | (_of(row.agency.code) if row.number else set())


def _sees_answer(world: World, row: ConsultationAnswer) -> set[str]:
    """One's own agency's; every party's once the table is published."""
    is_published = row.consultation_id == world.consultations["closed"]
    return _of(*(PARTIES if is_published else (row.agency.code,))) | COMMAND


def _sees_remark(world: World, row: ConsultationComment) -> set[str]:
    """What has not been sent yet is the agency's alone."""
    is_sent = row.answer.state == "answered"
    return _sees_answer(world, row.answer) if is_sent else _of(row.answer.agency.code)


def _sees_version(world: World, row: DraftVersion) -> set[str]:
    """Of the draft that nobody was asked about the command alone."""
    return COMMAND | (_of(*PARTIES) if row.programme.year != DRAFT_YEAR else set())


def _sees_comment(world: World, row: Comment) -> set[str]:
    if row.clause_id:
        readers = _of(*PARTIES)
    elif row.report_id:
        readers = _of(row.report.agency.code)
    else:
        readers = _sees_log(world, row)
    return _of(row.agency.code) if row.is_internal else readers | COMMAND


BEHIND: dict[str, Sees] = {
    "tasks_progress": _sees_log,
    "tasks_evidence": _sees_file,
    "tasks_lightoverride": _sees_log,
    "tasks_comment": _sees_comment,
    "tasks_mention": lambda world, row: _sees_comment(world, row.comment),
    "tasks_quota": _sees_parts,
    "tasks_figure": _sees_parts,
    "tasks_extensionrequest": _sees_extension,
    "tasks_urging": lambda world, row: _of(row.agency.code) | COMMAND,
    "tasks_urgingletter": _sees_letter,
    "tasks_report": _sees_report,
    "tasks_reportline": _sees_part,
    "tasks_reportstep": _sees_part,
    "tasks_sendinggrant": _sees_report,
    "tasks_postmove": lambda world, row: COMMAND | {"admin"},
    "tasks_consolidation": lambda world, row: set(COMMAND),
    "tasks_consolidationparagraph": lambda world, row: set(COMMAND),
    "tasks_consolidationsource": lambda world, row: set(COMMAND),
    "notices_notice": lambda world, row: {_name(world, row.recipient_id), "admin"},
    "notices_mail": lambda world, row: {_name(world, row.recipient_id), "admin"},
    "notices_calendarlink": lambda world, row: {_name(world, row.user_id)},
    "notices_mailpreference": lambda world, row: {_name(world, row.user_id)},
    "agreements_credential": lambda world, row: {_name(world, row.certificate.user_id), "admin"},
    "agreements_signingrequest": lambda world, row: {_name(world, row.user_id)},
    "agreements_certificaterequest": lambda world, row: {_name(world, row.user_id), "admin"} | COMMAND,
    "agreements_authorisation": _sees_authorisation,
    "agreements_markpicture": _sees_seal,
    "agreements_draftversion": _sees_version,
    "agreements_consultationanswer": _sees_answer,
    "agreements_consultationcomment": _sees_remark,
    "agreements_amendment": lambda world, row: set(COMMAND),
    "agreements_amendmentchange": lambda world, row: set(COMMAND),
    **dict.fromkeys(
        ("agreements_invitedagency", "agreements_attendance", "agreements_contribution"),
        lambda world, row: _of(row.agency.code) | COMMAND,
    ),
    "agreements_conclusion": lambda world, row: set(COMMAND),
    "agreements_minutespart": lambda world, row: set(COMMAND),
    "agreements_suspension": lambda world, row: {_name(world, row.certificate.user_id), "admin"} | COMMAND,
}
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


@pytest.mark.parametrize("table", BEHIND)
def test_a_table_shows_each_person_their_rows_and_no_other(world, table):
    """No rule of access stands in between: all rows are asked for."""
    _add_what_the_crawled_world_has_not(world)
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    rows = list(model._base_manager.all())
    seen_by = {row.pk: BEHIND[table](world, row) for row in rows}
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
