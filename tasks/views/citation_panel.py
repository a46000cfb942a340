"""What an assignment's page shows of the papers it cites."""

from dataclasses import dataclass

from django.db.models import Prefetch

from portal.lib.templatetags.portal_ui import vn_date
from portal.users.models import User
from tasks import citation_access, citations
from tasks.citation_forms import ProductForm
from tasks.models import Assignment, Evidence, ProductDocument, SourceDocument
from tasks.models.assignments import AssignmentQuerySet
from tasks.models.cited_papers import CitedPaper
from tasks.states import ENDED_PROGRAMME


@dataclass(frozen=True)
class CitationPanel:
    """The source for everybody; products where the log is shown. `files` are those the reader may open."""

    source: SourceDocument | None
    may_cite: bool
    is_shown: bool
    products: list[ProductDocument]
    may_drop: bool
    form: ProductForm | None
    files: set[int]


def citation_panel(
    user: User,
    assignment: Assignment,
    *,
    shows_log: bool,
    seen: list[Evidence],
    sent: ProductForm | None = None,
) -> CitationPanel:
    """Put the panel together, in one query; `seen` are the files that the page shows."""
    may_name = citations.is_open(assignment) and citation_access.may_name(user, assignment)
    rows = citation_access.visible_products(user).filter(assignment=assignment).select_related("named_by")
    return CitationPanel(
        source=getattr(assignment, "source", None),
        may_cite=citation_access.may_cite(user, assignment)
        and assignment.programme.state not in ENDED_PROGRAMME,
        is_shown=shows_log,
        products=list(rows) if shows_log else [],
        may_drop=may_name,
        form=sent or (ProductForm(files=citation_access.files_of(assignment)) if may_name else None),
        files={row.pk for row in seen if row.has_content},
    )


# --- Of many -----------------------------------------------------------------------------------------
def with_papers(rows: AssignmentQuerySet, user: User) -> AssignmentQuerySet:
    """Let rows be read with source, and `seen_products` of those that the reader sees: one query more."""
    products = citation_access.visible_products(user).select_related(None)
    return rows.select_related("source").prefetch_related(
        Prefetch("products", queryset=products, to_attr="seen_products")
    )


def cited(paper: CitedPaper) -> str:
    """Return a paper in one line: number, day, subject."""
    return f"{paper.number}, {vn_date(paper.issued_on)}: {paper.subject}"
