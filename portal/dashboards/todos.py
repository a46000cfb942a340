"""The work list's items: what, until when, and the address of the one button that does it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements import certificates
from agreements.boards import Round
from agreements.models import CertificateRequest, Document, ExternalCertificate
from agreements.states import DocumentState
from portal.agencies.models import Agency
from portal.lib.dates import local_day
from portal.users.models import Role, User
from portal.users.records import Invitation, Recovery
from tasks.deadlines import DUE_SOON_DAYS, UNCONFIRMED_DAYS, Timeliness
from tasks.models import Assignment, Programme, Report, ReportingPeriod
from tasks.states import AssignmentStatus, ProgrammeState, ReportState

_S = AssignmentStatus
WAITS = dt.timedelta(days=UNCONFIRMED_DAYS[0])
"""How long a result may wait for its confirmation."""


class Entry(NamedTuple):
    """What the calendar of a phone says of a deadline: a key that stays, and its kind, never a title."""

    key: str
    text: str


@dataclass(frozen=True)
class Todo:
    """One thing to do: what, until when, and the address where it is done.

    `is_first` goes before everything: it was returned, or somebody stands and waits. `is_since`: `on` is the
    day from which it waits, and no deadline; it is wanted before the first reminder of it goes out. `entry`
    is for the calendar of a phone.
    """

    what: str
    url: str
    button: str
    why: str = ""
    state: str = ""
    on: dt.date | None = None
    when: str = ""
    icon: str = ""
    primary: bool = False
    is_first: bool = False
    is_since: bool = False
    entry: Entry | None = None


def in_order(rows: Iterable[Todo], today: dt.date) -> list[Todo]:
    """Return a list as every home shows it.

    What was returned, what is overdue, the others by their days; what has no day stands between what is due
    soon and what has time, for somebody waits. Within one place and day they stay as they came.
    """
    soon = today + dt.timedelta(days=DUE_SOON_DAYS)

    def place(row: Todo) -> tuple[int, dt.date]:
        day = row.on + WAITS if row.on and row.is_since else row.on
        if row.is_first:
            rank = 0
        elif row.state == Timeliness.OVERDUE or (day and day < today and not row.when):
            rank = 1  # beside words of its own the day may be another than a deadline: that of a conference
        else:
            rank = 2
        return rank, day or soon

    return sorted(rows, key=place)


def is_returned(row: Assignment) -> bool:
    """Whether its result was refused by the command, or sent back by the agency's head."""
    return row.status == _S.REJECTED or row.came_back_from in {_S.REJECTED, _S.AWAITING_HEAD}


def lead(row: Assignment) -> Todo:
    if is_returned(row):
        by_head = row.came_back_from == _S.AWAITING_HEAD
        mend = _("Mend the result that your head sent back: assignment %(code)s")
        what = mend if by_head else _("Redo assignment %(code)s: the result was not accepted")
        return replace(about(row, what, _("See why")), is_first=True)
    if row.status == _S.ASSIGNED:
        return about(row, _("Accept assignment %(code)s"), _("Open and accept"))
    if row.standing == Timeliness.OVERDUE:
        return about(row, _("Report assignment %(code)s: the deadline has passed"), _("Report"))
    return about(row, _("Report progress of assignment %(code)s"), _("Report"))


def write_report(row: Report, today: dt.date) -> Todo:
    if row.state == ReportState.RETURNED:
        what = _("Mend the report that was returned: %(period)s")
    elif row.decision_note:
        what = _("Mend the report that your head sent back: %(period)s")
    else:
        return _about_report(row, _("Send the report of %(period)s"), _("Write"), row.standing(today))
    return replace(_about_report(row, what, _("See why"), row.standing(today)), is_first=True)


def approve_report(row: Report, today: dt.date) -> Todo:
    what, button = _("Approve the report of %(period)s"), _("Read and approve")
    return _about_report(row, what, button, row.standing(today))


def _about_report(row: Report, what: str, button: str, state: str) -> Todo:
    return Todo(
        what=what % {"period": row.period.title},
        why=_("Data from %(first)s to %(last)s")
        % {"first": f"{row.period.data_from:%d/%m/%Y}", "last": f"{row.period.data_to:%d/%m/%Y}"},
        state=state,
        on=row.due_on,
        url=row.get_absolute_url(),
        button=button,
        icon="file-earmark-text",
    )


def accept_reports(period: ReportingPeriod, count: int) -> Todo:
    words = ngettext("Accept %(count)s report of %(period)s", "Accept %(count)s reports of %(period)s", count)
    return _about_period(period, words % {"count": count, "period": period.title}, _("Read and accept"))


def ask_for_reports(period: ReportingPeriod, count: int) -> Todo:
    words = ngettext(
        "%(count)s agency has not sent the report of %(period)s",
        "%(count)s agencies have not sent the report of %(period)s",
        count,
    )
    todo = _about_period(period, words % {"count": count, "period": period.title}, _("See who"))
    return replace(todo, url=f"{todo.url}?silent=1", state=Timeliness.OVERDUE, on=period.due_on)


def consolidate(period: ReportingPeriod) -> Todo:
    """The reports of a period are due and nobody has made one of them."""
    todo = _about_period(
        period, _("Consolidate the reports of %(period)s") % {"period": period.title}, _("Consolidate")
    )
    url = reverse("consolidations:detail", args=[period.pk])
    return replace(
        todo, url=url, icon="layers", why=_("Due on %(day)s") % {"day": f"{period.due_on:%d/%m/%Y}"}
    )


def _about_period(period: ReportingPeriod, what: str, button: str) -> Todo:
    url = reverse("reports:period", args=[period.pk])
    return Todo(what=what, url=url, button=button, icon="file-earmark-text")


def confirm(row: Assignment) -> Todo:
    """A result that waits for the command: the day it was sent, for the deadline no longer runs."""
    todo = about(row, _("Confirm the result of assignment %(code)s"), _("Read and confirm"))
    return replace(todo, on=row.submitted_on, when=_("Sent for confirmation"), is_since=True)


def decide_returned(row: Assignment) -> Todo:
    """Nobody works on it until the command has decided."""
    todo = about(row, _("Assignment %(code)s was returned: read why and decide"), _("Open"))
    return replace(todo, is_first=True)


def about(row: Assignment, what: str, button: str) -> Todo:
    return Todo(
        what=what % {"code": row.code},
        why=row.title,
        state=row.standing,
        on=row.due_on,
        url=reverse("assignments:detail", args=[row.pk]),
        button=button,
    )


def sign(row: Round, today: dt.date) -> Todo:
    days_left = (row.document.closes_on - today).days
    return Todo(
        what=_("Sign: %(title)s") % {"title": row.document.title},
        why=_("%(signed)s of %(total)s agencies have signed.") % {"signed": row.signed, "total": row.total},
        state=Timeliness.DUE_SOON if days_left <= DUE_SOON_DAYS else "active",
        on=row.document.closes_on,
        url=reverse("agreements:sign", args=[row.document.pk]),
        button=_("Open to sign"),
        icon="pen",
    )


def sign_for_agency(row: Round, today: dt.date) -> Todo:
    todo = sign(row, today)
    return replace(
        todo,
        what=_("Sign for the agency: %(title)s") % {"title": row.document.title},
        why=_("The head has signed; the agency's own signature is still missing."),
        url=reverse("agreements:sign_for_agency", args=[row.document.pk]),
        icon="patch-check",
    )


def certificate(user: User) -> Todo:
    """What the reader has to do for a certificate: ask for it, or have the key compared."""
    is_waiting = certificates.open_request(user) is not None
    return Todo(
        what=_("Have your signing key compared") if is_waiting else _("Request your signing certificate"),
        why=_("Read out the end of its fingerprint to the programme officer, who then releases it.")
        if is_waiting
        else _("You choose a PIN, then the programme officer releases it. Without it you cannot sign."),
        url=reverse("agreements:certificate"),
        button=_("See the fingerprint") if is_waiting else _("Begin"),
        icon="lock-fill",
    )


def release(row: CertificateRequest) -> Todo:
    what = _("Release the certificate of %(name)s") % {"name": row.user.get_full_name()}
    return _compare(what, row.agency, reverse("agreements:certificate_request", args=[row.pk]))


def release_token(row: ExternalCertificate) -> Todo:
    what = _("Release the USB token of %(name)s") % {"name": row.user.get_full_name()}
    return _compare(what, row.agency, reverse("agreements:token_request", args=[row.pk]))


def _compare(what: str, agency: Agency, url: str) -> Todo:
    return Todo(what=what, why=agency.name, url=url, button=_("Compare and decide"), icon="shield-check")


def bring_into_force(row: Round) -> Todo:
    return Todo(
        what=_("Bring into force: %(title)s") % {"title": row.document.title},
        why=_("The command and the Front have signed; %(signed)s of %(total)s in all.")
        % {"signed": row.signed, "total": row.total},
        url=row.url,
        button=_("Decide"),
    )


def decide_round(row: Round) -> Todo:
    return Todo(
        what=_("Decide on the round: %(title)s") % {"title": row.document.title},
        why=_("A party refused to sign, or the closing date passed without the command and the Front."),
        url=row.url,
        button=_("Decide"),
    )


def open_round(row: Round) -> Todo:
    return Todo(
        what=_("Open for signing: %(title)s") % {"title": row.document.title},
        why=_("The text is frozen and certified. Read the paper once more."),
        url=row.url,
        button=_("Read and open"),
    )


def close_signing(rounds: Iterable[Round]) -> list[Todo]:
    """Rounds of what is in force that nobody else is to sign."""
    open_in_force = (DocumentState.SIGNING, ProgrammeState.IN_FORCE)
    return [
        Todo(
            what=_("Close the signing: %(title)s") % {"title": row.document.title},
            why=_("Everybody has signed; the records office then gives number and date."),
            url=row.url,
            button=_("Open"),
        )
        for row in rounds
        if row.signed == row.total and (row.document.state, row.document.programme.state) == open_in_force
    ]


def text(programme: Programme) -> Todo:
    settled = programme.state == ProgrammeState.SETTLED
    return Todo(
        what=(_("Freeze for signing: %(title)s") if settled else _("Settle the text: %(title)s"))
        % {"title": programme.title},
        url=reverse("programmes:detail", args=[programme.year]),
        button=_("Open the programme"),
    )


def issue(document: Document) -> Todo:
    return Todo(
        what=_("Number and date: %(title)s") % {"title": document.title},
        why=_("Signing is closed; the records office gives number and date."),
        url=reverse("agreements:detail", args=[document.pk]),
        button=_("Issue"),
        icon="file-earmark-text",
    )


def gap(agency: Agency, *, has_head: bool) -> Todo:
    """A party that nobody heads, or that has no focal point."""
    role = Role.FOCAL_POINT if has_head else Role.AGENCY_HEAD
    what = _("%(agency)s has no focal point") if has_head else _("%(agency)s has no head")
    return Todo(
        what=what % {"agency": agency.name},
        url=f"{reverse('handovers:new')}?{urlencode({'agency': agency.code, 'role': role})}",
        button=_("Give the post"),
    )


def invitation(row: Invitation, *, at: dt.datetime) -> Todo:
    """Somebody was invited, has not come in, and the link is over or soon will be."""
    is_over = row.expires_at <= at
    what = _("Invite again: %(name)s") if is_over else _("Not activated yet: %(name)s")
    return Todo(
        what=what % {"name": row.user.get_full_name()},
        why=_("The invitation was not used in time.") if is_over else _("The invitation soon expires."),
        state=Timeliness.OVERDUE if is_over else Timeliness.DUE_SOON,
        on=local_day(row.expires_at),
        when=_("Expired") if is_over else _("Soon expires"),
        url=reverse("people:person", args=[row.user_id]),
        button=_("Open"),
        icon="send",
    )


def recovery(row: Recovery) -> Todo:
    """Somebody lost a second factor and the reader is the other of the two who mend it."""
    return Todo(
        what=_("Lost second factor: %(name)s") % {"name": row.user.get_full_name()},
        why=_("%(person)s recognised the person and asks you to approve.")
        % {"person": row.opened_by.get_full_name()},
        state=Timeliness.DUE_SOON,
        when=_("Now"),
        is_first=True,
        url=reverse("people:lost_factors"),
        button=_("Read and approve"),
        icon="phone",
    )
