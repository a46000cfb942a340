"""How the actions of schemes and milestones are prepared for the who-may matrix."""

import hashlib
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from portal.files import store
from portal.files.models import Recall
from portal.files.uploads import Upload
from portal.files.worker.findings import Kind
from portal.users.models import User
from tasks import milestones, schemes, year_papers
from tasks.models import Milestone, MilestoneDuty, Programme, Scheme, YearPaper
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import papering, scheming
from tests.who_may_rounds import REASON, Ask, in_state

_ENDED = {"ended_at": NOW, "outcome": REASON}
_REACHED = {"reached_on": TODAY, "result": REASON}


def _scheme(world: SimpleNamespace, state: str = "running") -> Scheme:
    in_state(world.programme, "in_force")
    officer = world.people["host", "programme_officer"]
    made = scheming.enter(world.agencies["lead"], by=officer)
    Scheme.objects.filter(pk=made.pk).update(state=state, **(_ENDED if state == "ended" else {}))
    return made


def _enter(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")

    def ask(by: User) -> None:
        schemes.enter(scheming.facts(world.agencies["lead"]), by=by, at=NOW)

    return ask


def _kept(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        made = _scheme(world, state)
        rows = Scheme.objects.select_related("lead")
        return lambda by: act(rows.get(pk=made.pk), by=by, at=NOW, **given)

    return prepare


def _amend(scheme: Scheme, **given: Any) -> None:
    facts = scheming.facts(scheme.lead, year_to=2030)
    schemes.amend(scheme, facts=facts, version=schemes.version_of(scheme), **given)


def _planned(world: SimpleNamespace, state: str) -> Milestone:
    made = scheming.plan(_scheme(world), by=world.people["host", "programme_officer"])
    columns: dict[str, Any] = {} if state in {"open", "dropped"} else dict(_REACHED)
    columns |= {"note": REASON} if state == "dropped" else {}
    Milestone.objects.filter(pk=made.pk).update(state=state, **columns)
    in_state(world.assignment, "assigned", "status")
    return made


def _settled(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        made = _planned(world, state)
        return lambda by: act(scheming.fresh(made), by=by, at=NOW, **given)

    return prepare


def _tie(world: SimpleNamespace, state: str) -> Ask:
    made = _planned(world, state)
    return lambda by: milestones.tie(scheming.fresh(made), by=by, at=NOW, assignment=world.assignment)


def _untie(world: SimpleNamespace, state: str) -> Ask:
    made, by = _planned(world, state), world.people["host", "programme_officer"]
    MilestoneDuty.objects.create(milestone=made, assignment=world.assignment, by=by, at=NOW)
    return lambda by: milestones.untie(scheming.fresh(made), by=by, at=NOW, assignment=world.assignment)


def _draft(world: SimpleNamespace, state: str) -> Ask:
    made = _planned(world, "open")
    in_state(world.programme, state)
    task = world.programme.priority_tasks.get()

    def ask(by: User) -> None:
        programme = Programme.objects.get(pk=world.programme.pk)
        milestones.draft(scheming.fresh(made), by=by, at=NOW, programme=programme, task=task)

    return ask


def _paper(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        clerk = world.people["host", "records_clerk"]
        made = factories.YearPaperFactory(programme=world.programme, entered_by=clerk)
        in_state(world.programme, state)
        rows = YearPaper.objects.select_related("programme__host", "file__recall")
        return lambda by: act(rows.get(pk=made.pk), by=by, at=NOW, **given)

    return prepare


def _enter_paper(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, state)

    def ask(by: User) -> None:
        programme = Programme.objects.get(pk=world.programme.pk)
        year_papers.enter(programme, by=by, at=NOW, facts=papering.facts())

    return ask


def _amend_paper(paper: YearPaper, **given: Any) -> None:
    version = year_papers.version_of(paper)
    year_papers.amend(paper, facts=papering.facts(), version=version, **given)


def _put(paper: YearPaper, **given: Any) -> None:
    looked_at = Upload(io.BytesIO(b"x"), "Kế hoạch.txt", hashlib.sha256(b"x").hexdigest(), 1, Kind.TEXT)
    year_papers.put(paper, looked_at=looked_at, **given)


def _recall(world: SimpleNamespace, state: str) -> Ask:
    file = store.put(b"x", media_type="text/plain", at=NOW)
    if state == "recalled":
        Recall.objects.create(file=file, by=world.people["host", "commander"], at=NOW, reason=REASON)
    made = factories.YearPaperFactory(
        programme=world.programme,
        entered_by=world.people["host", "records_clerk"],
        file=file,
        file_name="Kế hoạch.txt",
        declaration="2026-1",
    )
    rows = YearPaper.objects.select_related("programme__host", "file__recall")
    return lambda by: year_papers.recall(rows.get(pk=made.pk), by=by, at=NOW, reason=REASON)


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.year_papers.enter": _enter_paper,
    "tasks.year_papers.amend": _paper(_amend_paper),
    "tasks.year_papers.put": _paper(_put),
    "tasks.year_papers.strike": _paper(year_papers.strike, reason=REASON),
    "tasks.year_papers.recall": _recall,
    "tasks.schemes.enter": _enter,
    "tasks.schemes.amend": _kept(_amend),
    "tasks.schemes.end": _kept(schemes.end, outcome=REASON),
    "tasks.milestones.plan": _kept(milestones.plan, title="Mốc", due_on=scheming.JUNE),
    "tasks.milestones.change": _settled(milestones.change, title="Mốc", due_on=scheming.JUNE),
    "tasks.milestones.tie": _tie,
    "tasks.milestones.untie": _untie,
    "tasks.milestones.draft": _draft,
    "tasks.milestones.report": _settled(milestones.report, result=REASON, reached_on=TODAY),
    "tasks.milestones.confirm": _settled(milestones.confirm),
    "tasks.milestones.send_back": _settled(milestones.send_back, reason=REASON),
    "tasks.milestones.drop": _settled(milestones.drop, reason=REASON),
}
