"""What the pages of papers of the year show: the register, one paper, the panel of an assignment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.forms import Form

from portal.lib.text import fold, search_words
from portal.users.models import User
from tasks import year_paper_access, year_papers
from tasks.models import Assignment, PaperKind, Programme, YearPaper
from tasks.states import YearPaperState
from tasks.year_paper_forms import FileForm, ReasonForm

_LINKS = {"task": "tasks", "solution": "solutions", "clause": "clauses"}


# --- The register -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Chosen:
    """What the address asks for; what of it is odd is left out."""

    kind: str = ""
    about: str = ""
    q: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kind or self.about or self.q)


def chosen(values: Mapping[str, str]) -> Chosen:
    kind, about = values.get("kind", ""), values.get("about", "")
    name, _dash, key = about.partition("-")
    is_about = name in _LINKS and key.isascii() and key.isdecimal() and len(key) < 10
    return Chosen(
        kind=kind if kind in PaperKind.values else "",
        about=about if is_about else "",
        q=search_words(values.get("q", "")),
    )


def found(user: User, programme: Programme, asked: Chosen) -> list[YearPaper]:
    """Return the rows that the address asks for, the newest first. Words are looked for without tones."""
    rows: QuerySet[YearPaper] = year_paper_access.visible_papers(user).filter(programme=programme)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.about:
        name, _dash, key = asked.about.partition("-")
        rows = rows.filter(Q(**{_LINKS[name]: int(key)}), state=YearPaperState.ENTERED)
    rows = rows.prefetch_related("tasks", "solutions", "clauses", "assignments")
    words = fold(asked.q).split()
    return [row for row in rows if all(word in _said(row) for word in words)]


def _said(row: YearPaper) -> str:
    return fold(f"{row.number} {row.subject} {row.issuer}")


def abouts(programme: Programme) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what the register can be narrowed to: tasks, solutions and clauses of a programme."""
    groups: dict[str, list[Any]] = {
        "task": list(programme.priority_tasks.all()),
        "solution": list(programme.solutions.all()),
        "clause": list(year_papers.clauses(programme)),
    }
    return [(name, [(f"{name}-{row.pk}", str(row)) for row in rows]) for name, rows in groups.items() if rows]


# --- One paper --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PaperPage:
    """Everything that tasks/year_paper.html reads. Forms are there for who may use them now."""

    paper: YearPaper
    may_amend: bool
    gives_out: list[Assignment]
    assignments: list[Assignment]
    forms: dict[str, Form]
    refused: Form | None


def paper_page(paper: YearPaper, user: User, *, sent: Mapping[str, Form]) -> PaperPage:
    """Put the page together; `sent` are forms as they were sent and refused, by name."""
    is_open = year_papers.is_open(paper.programme) and not paper.is_struck
    may_write = is_open and year_paper_access.may_register(user, paper.programme)
    forms: dict[str, Form] = {}
    if may_write and not paper.has_content:
        forms["put"] = FileForm()
    if may_write:
        forms["strike"] = ReasonForm(auto_id="id_strike_%s")
    if paper.has_content and year_paper_access.may_recall(user):
        forms["recall"] = ReasonForm(auto_id="id_recall_%s")
    return PaperPage(
        paper=paper,
        may_amend=may_write,
        gives_out=[row.assignment for row in paper.sources.select_related("assignment__programme")],
        assignments=list(paper.assignments.select_related("programme").order_by("code")),
        forms=forms | dict(sent),
        refused=next(iter(sent.values()), None),
    )


# --- On the page of an assignment -------------------------------------------------------------------
def papers_of(user: User, assignment: Assignment) -> list[YearPaper]:
    """Return the papers of the year that are about an assignment; one query."""
    rows = year_paper_access.visible_papers(user).filter(assignments=assignment)
    return list(rows.filter(state=YearPaperState.ENTERED))


def facts_of_list(user: User, programme: Programme, asked: Chosen) -> dict[str, Any]:
    """Return what tasks/year_papers.html reads beside years and page."""
    is_open = year_papers.is_open(programme)
    return {
        "programme": programme,
        "asked": asked,
        "kinds": [(kind.value, f"{kind.value}: {kind.label}") for kind in PaperKind],
        "abouts": abouts(programme),
        "may_register": is_open and year_paper_access.may_register(user, programme),
    }
