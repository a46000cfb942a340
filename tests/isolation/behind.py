"""Who may read each row that a table's policy hides, told from the row alone."""

from collections.abc import Callable

from django.db.models import Model

from agreements.models import (
    Authorisation,
    ConsultationAnswer,
    ConsultationComment,
    DraftVersion,
    MarkPicture,
)
from tasks.models import (
    Comment,
    Cooperation,
    Evidence,
    ExtensionRequest,
    Figure,
    LightOverride,
    PaperEntry,
    ProductDocument,
    Progress,
    Proposal,
    Quota,
    Report,
    ReportLine,
    ReportStep,
    SendingGrant,
    UrgingLetter,
    YearEndDecision,
)
from tests.isolation import grouping
from tests.isolation.conferring import BRIEFED
from tests.isolation.people import COMMAND, COORDINATED, DRAFT_YEAR, LED, PARTIES, POSTS, World

Sees = Callable[[World, Model], set[str]]


def _of(*codes: str) -> set[str]:
    """The people of some agencies whose posts report or read there."""
    return {name for name, (code, _role) in POSTS.items() if code in codes} - {"admin", "viewer"}


def _name(world: World, user_id: int) -> str:
    return next(name for name, user in world.people.items() if user.pk == user_id)


def _sees_log(
    world: World, row: Progress | LightOverride | Comment | YearEndDecision | ProductDocument
) -> set[str]:
    code = row.assignment.code
    return _of(LED[code], *COORDINATED.get(code, ())) | COMMAND


def _sees_entry(world: World, row: PaperEntry) -> set[str]:
    """Its agency, and who sees a log or a report that was entered from it."""
    logs = [_sees_log(world, line) for line in row.log.all()]
    return _of(row.agency.code).union(*logs, *(_sees_part(world, step) for step in row.steps.all())) | COMMAND


def _sees_file(world: World, row: Evidence) -> set[str]:
    return _of(row.agency.code, LED[row.assignment.code]) | COMMAND | {"admin"}


def _sees_authorisation(world: World, row: Authorisation) -> set[str]:
    return {name for name, (code, _role) in POSTS.items() if code == row.agency.code} | COMMAND | {"admin"}


def _sees_seal(world: World, row: MarkPicture) -> set[str]:
    return {name for name, (code, _role) in POSTS.items() if code == row.agency.code} | {"admin"}


def _sees_extension(world: World, row: ExtensionRequest | Proposal) -> set[str]:
    return _of(row.agency.code) | COMMAND


def _sees_report(world: World, row: Report | SendingGrant) -> set[str]:
    return _of(row.agency.code) | COMMAND


def _sees_part(world: World, row: ReportLine | ReportStep) -> set[str]:
    return _sees_report(world, row.report)


def _sees_parts(world: World, row: Quota | Figure) -> set[str]:
    code = row.indicator.assignment.code
    return _of(LED[code], *COORDINATED.get(code, ())) | COMMAND


def _sees_cooperation(world: World, row: Cooperation) -> set[str]:
    return _of(row.share.agency.code, LED[row.share.assignment.code]) | COMMAND


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
    "tasks_productdocument": _sees_log,
    "tasks_paperentry": _sees_entry,
    "tasks_evidence": _sees_file,
    "tasks_lightoverride": _sees_log,
    "tasks_yearenddecision": _sees_log,
    "tasks_shortcoming": lambda world, row: set(COMMAND),
    "tasks_shortcomingreview": lambda world, row: set(COMMAND),
    "tasks_proposal": _sees_extension,
    "tasks_seenpoint": lambda world, row: set(COMMAND),
    "tasks_scheme": lambda world, row: _of("SXD", "STC") | COMMAND | {"admin"},
    "tasks_milestone": lambda world, row: _of("SXD", "STC") | COMMAND,
    "tasks_milestoneduty": lambda world, row: _of("SXD", "STC") | COMMAND,
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
    "tasks_cooperation": _sees_cooperation,
    "tasks_assignmentimport": lambda world, row: COMMAND | {"admin"},
    "tasks_postmove": lambda world, row: COMMAND | {"admin"},
    "tasks_consolidation": lambda world, row: set(COMMAND),
    "tasks_consolidationparagraph": lambda world, row: set(COMMAND),
    "tasks_consolidationsource": lambda world, row: set(COMMAND),
    "tasks_periodreview": lambda world, row: set(COMMAND),
    "tasks_reviewparagraph": lambda world, row: set(COMMAND),
    "tasks_approvedreview": lambda world, row: _of(*PARTIES) | COMMAND | {"viewer"},
    "tasks_ratingsheet": lambda world, row: _of(row.agency.code) | COMMAND,
    "tasks_ratingpoint": lambda world, row: _of(row.sheet.agency.code) | COMMAND,
    "tasks_ratingproof": lambda world, row: _of(row.point.sheet.agency.code) | COMMAND,
    "tasks_reexamination": lambda world, row: _of(row.point.sheet.agency.code) | COMMAND,
    "tasks_ratingdecision": lambda world, row: set(COMMAND),
    "tasks_supportreceipt": lambda world, row: _of(row.agency.code) | COMMAND,
    "tasks_supportanswer": lambda world, row: set(COMMAND),
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
    "tasks_standinggroup": lambda world, row: grouping.sees(world, {"pk": row.pk}) | {"admin"},
    "tasks_groupplanitem": lambda world, row: grouping.sees(world, {"pk": row.group_id}),
    "agreements_briefinglist": lambda world, row: _of("BCHQS", *BRIEFED) | COMMAND,
    "agreements_conclusion": lambda world, row: set(COMMAND),
    "agreements_minutespart": lambda world, row: set(COMMAND),
    "agreements_suspension": lambda world, row: {_name(world, row.certificate.user_id), "admin"} | COMMAND,
}
