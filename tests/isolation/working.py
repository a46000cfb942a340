"""What the crawled province has done about its assignments: targets, extensions, reports, urgings."""

import datetime as dt
from decimal import Decimal

from portal.agencies.models import Agency
from portal.users.models import User
from tasks import (
    changes,
    comments,
    consolidations,
    extensions,
    figures,
    grants,
    light_overrides,
    quotas,
    report_contents,
    reports,
    shells,
    urgings,
)
from tasks.models import (
    Assignment,
    Clause,
    ExtensionRequest,
    Figure,
    Programme,
    Quota,
    Report,
    ReportingPeriod,
    UrgingLetter,
)
from tasks.quotas import Holder
from tasks.report_contents import SECTIONS, Draft, LineDraft
from tests import factories
from tests.factories import NOW, TODAY
from tests.isolation.people import (
    COMMAND,
    FROZEN_YEAR,
    PARTIES,
    PLANNED,
    YEAR,
    World,
)
from tests.tasks import changing


def measure(world: World) -> None:
    """The target of 1.01 divided between its lead and who coordinates, a figure of each, one corrected."""
    row = Assignment.objects.get(pk=world.assignments["1.01"])
    readers = world.involved("1.01")
    lead, other = world.agencies["SXD"], world.agencies["STC"]
    note = world.betray("ghichuphanbo", "note", readers)
    shares = {Holder(agency_id=lead.pk): Decimal(7), Holder(agency_id=other.pk): Decimal(3)}
    head = world.people["sxd_head"]
    quotas.distribute(row, by=head, at=NOW, shares=shares, note=f"Theo {note}")
    quotas.settle(row, by=head, at=NOW)
    for n, agency in enumerate((lead, other), 6):
        quota = Quota.objects.get(agency=agency)
        by = world.people[f"{agency.code.lower()}_focal"]
        (figure,) = figures.enter(row, by=by, at=NOW, on=TODAY, values={quota.pk: Decimal(f"{n}417.{n}3")})
        world.betray(f"{n}.417,{n}3", "entry", readers)
        world.figures[agency.code] = figure.pk
    reason = world.betray("lydodinhchinh", "entry", readers)
    figure = Figure.objects.get(pk=world.figures["STC"])
    made = figures.correct(figure, by=by, at=NOW, value=Decimal("8417.83"), reason=f"Nhầm {reason}")
    world.betray("8.417,83", "entry", readers)
    world.betray("14.835,46", "figure", readers)  # the total, which the assignment follows
    world.figures["corrected"] = made.pk
    for other in ("1.02", "1.03"):
        joint = factories.JointIndicatorFactory(programme=row.programme)
        joint.parts.set([row, world.assignments[other]])
        world.joints[f"1.01+{other}"] = joint.pk


def extend(world: World) -> None:
    """A request that was refused and one that waits, with words that those who coordinate do not read."""
    rows = Assignment.objects.select_related("programme__host", "lead")
    for code, agency in (("1.01", "SXD"), ("1.02", "STC")):
        status = rows.get(pk=world.assignments[code]).status
        rows.filter(pk=world.assignments[code]).update(status="in_progress")
        row, by = rows.get(pk=world.assignments[code]), world.people[f"{agency.lower()}_focal"]
        words = world.betray(f"giahan{agency.lower()}", "extension", world.members({agency}) | COMMAND)
        new_on = row.deadline_on + dt.timedelta(days=30)
        asked = extensions.ask(row, by=by, at=NOW, new_on=new_on, reason=f"Vướng {words}")
        world.extensions[agency] = asked.pk
        rows.filter(pk=row.pk).update(status=status)
    refused = ExtensionRequest.objects.get(pk=world.extensions["STC"])
    words = world.betray("khonggiahan", "extension", world.members({"STC"}) | COMMAND)
    extensions.refuse(refused, by=world.people["commander"], at=NOW, reason=f"Không đủ {words}")


def report(world: World, programme: Programme) -> None:
    """Reports with words of their own: one that was returned after it was sent, one half written."""
    period = factories.ReportingPeriodFactory(programme=programme, code="2026-Q1")
    world.period = period.pk
    shells.make(programme)
    world.reports = dict(period.reports.values_list("agency__code", "pk"))
    officer = world.people["officer"]
    for code in ("SXD", "STC"):
        readers = world.members({code}) | COMMAND
        words = world.betray(f"baocao{code.lower()}", "report", readers)
        line = world.betray(f"dongbaocao{code.lower()}", "report", readers)
        report = period.reports.get(agency__code=code)
        lines = {
            item.assignment.pk: LineDraft(item.actual, f"Đã phối hợp {line}")
            for item in report_contents.items(report)
            if not item.is_led  # what a lead says of its own is progress, which others read
        }
        draft = Draft(dict.fromkeys(SECTIONS, f"Nội dung {words}"), lines, rest_is_nothing=True)
        head, focal = world.people[f"{code.lower()}_head"], world.people[f"{code.lower()}_focal"]
        reports.save(report, by=focal, at=NOW, draft=draft)
        if code == "SXD":
            reason = world.betray("lydobaocao", "report", readers)
            reports.submit(report, by=head, at=NOW, draft=draft)
            reports.return_to_agency(report, by=officer, at=NOW, reason=f"Chưa khớp {reason}", due_on=TODAY)
    _consolidate(world, period)
    world.grant = grants.give(world.agencies["STC"], by=world.people["stc_head"], at=NOW).pk


def _consolidate(world: World, period: ReportingPeriod) -> None:
    """Words of the officer in the draft of what all have sent."""
    officer = world.people["officer"]
    word = world.betray("tonghopbaocao", "consolidation", COMMAND)
    row = consolidations.draft(period, by=officer, at=NOW)
    plans = consolidations.Part(consolidations.Section.PLANS)
    consolidations.add(row, by=officer, at=NOW, part=plans, text=f"Kết luận {word}")


def urge(world: World) -> None:
    """What was said to an agency about a duty and about a report: its own people and the command read it."""
    officer = world.people["officer"]
    things = (
        Assignment.objects.select_related("programme__host", "lead").get(pk=world.assignments["1.01"]),
        Report.objects.select_related("period__programme__host", "agency").get(pk=world.reports["STC"]),
    )
    for agency, thing in zip(("SXD", "STC"), things, strict=True):
        words = world.betray(f"dondoc{agency.lower()}", "urging", world.members({agency}) | COMMAND)
        urgings.urge(thing, by=officer, at=NOW, text=f"Đề nghị {words}")
    _letters(world, officer)
    phone = world.betray("02373851234", "telephone", {"officer", "commander", "admin"})
    Agency.objects.filter(code="SXD").update(phone=phone)
    phone = world.betray("0913000111", "telephone of a person", {"officer", "commander", "admin"})
    User.objects.filter(pk=world.people["sxd_focal"].pk).update(phone=phone)


def _letters(world: World, officer: User) -> None:
    """One issued to SXD, one to STC that has no number yet."""
    programme = Programme.objects.get(pk=Assignment.objects.get(pk=world.assignments["1.01"]).programme_id)
    thing = {"kind": "assignment", "id": world.assignments["1.01"], "code": "1.01", "title": "Việc"}
    thing |= {"due_on": "2026-03-02", "days": 8}
    issued = {"state": "issued", "number": "215", "issued_on": TODAY, "issued_by": world.people["clerk"]}
    for agency, more, readers in (
        ("SXD", issued, world.members({"SXD"}) | COMMAND),
        ("STC", {}, COMMAND),
    ):
        word = world.betray(f"congvan{agency.lower()}", "letter", readers)
        row = UrgingLetter.objects.create(
            programme=programme,
            agency=world.agencies[agency],
            things=[thing],
            text=f"Đề nghị {word}",
            reply_by=TODAY,
            written_at=NOW,
            written_by=officer,
            **more,
        )
        world.letters[agency] = row.pk


def light(world: World) -> None:
    """A light set by hand, with a reason that the lead, those who coordinate and the command read."""
    row = Assignment.objects.select_related("programme__host", "lead").get(pk=world.assignments["1.01"])
    words = world.betray("lydodatden", "light", world.involved("1.01"))
    until_on = TODAY + dt.timedelta(days=20)
    officer = world.people["officer"]
    light_overrides.put(row, by=officer, at=NOW, colour="red", reason=f"Vì {words}", until_on=until_on)


def talk(world: World) -> None:
    """Comments about a duty, a report and a clause, each read by others; one is internal."""
    focal, officer = world.people["sxd_focal"], world.people["officer"]
    duty = Assignment.objects.select_related("programme__host", "lead").get(pk=world.assignments["1.01"])
    report = Report.objects.select_related("period__programme__host").get(pk=world.reports["STC"])
    clause = Clause.objects.select_related("programme__host").filter(programme__year=YEAR).earliest("pk")
    opened = Clause.objects.filter(programme__year__in=(YEAR, FROZEN_YEAR))
    world.clauses = list(opened.values_list("pk", flat=True))
    words = world.betray("traodoichung", "comment", world.involved("1.01"))
    head = world.people["stc_head"].pk
    made = comments.add(duty, by=focal, at=NOW, text=f"Đề nghị {words}", mentioned=[head])
    world.comments["shared"] = made.pk
    words = world.betray("traodoinoibo", "comment", world.members({"SXD"}))
    made = comments.add(duty, by=focal, at=NOW, text=f"Riêng {words}", is_internal=True)
    world.comments["internal"] = made.pk
    words = world.betray("traodoibaocao", "comment", world.members({"STC"}) | COMMAND)
    world.comments["report"] = comments.add(report, by=officer, at=NOW, text=f"Về {words}").pk
    words = world.betray("traodoimuc", "comment", world.members(PARTIES))
    world.comments["clause"] = comments.add(clause, by=focal, at=NOW, text=f"Hiểu {words}").pk


def change(world: World) -> None:
    """A draft of a change of agencies: its words, the agency entered for it, and who goes where."""
    officer, readers = world.people["officer"], COMMAND | {"admin"}
    title = world.betray("thaydoicoquan", "planned change", readers)
    name = world.betray("coquanmoilap", "planned agency", readers)
    on = TODAY + dt.timedelta(days=20)
    plan = changing.plan(
        "rename", [world.agencies["CTK"]], [], by=officer, on=on, title_vi=f"Đổi tên {title}"
    )
    new = Agency(code=PLANNED, name_vi=f"Cơ quan {name}", kind="department", signature_block="GIÁM ĐỐC")
    changes.add_successor(plan, by=officer, at=NOW, agency=new)
    changing.choose(plan, by=officer)
    world.plan = plan.pk
