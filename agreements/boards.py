"""How a signing round stands: read once, shown on the document's page, the home and the room."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from agreements.models import Document, PaperSignature, Signature, SignatureField
from agreements.states import PaperState


@dataclass(frozen=True)
class Place:
    """A party's field, with its signature if it has one: in the file, or confirmed on paper."""

    field: SignatureField
    signature: Signature | None
    paper: PaperSignature | None = None

    @property
    def is_signed(self) -> bool:
        return self.signature is not None or self.paper is not None


@dataclass(frozen=True)
class Board:
    """All parties in protocol order."""

    places: tuple[Place, ...]

    @property
    def signed(self) -> int:
        return sum(1 for place in self.places if place.is_signed)

    @property
    def on_paper(self) -> int:
        return sum(1 for place in self.places if place.paper)

    @property
    def total(self) -> int:
        return len(self.places)

    @property
    def waiting(self) -> int:
        return self.total - self.signed

    @property
    def failed(self) -> tuple[Place, ...]:
        """Those whose signature failed its check: the round is stopped."""
        bad = Signature.Check.BAD
        return tuple(p for p in self.places if p.signature and p.signature.check_state == bad)

    def of(self, agency_id: int | None) -> Place | None:
        """Return an agency's own place."""
        return next((place for place in self.places if place.field.agency_id == agency_id), None)


def board(document: Document) -> Board:
    """Return the state of a round in two queries."""
    fields = (
        SignatureField.objects.filter(document=document)
        .select_related("agency", "signature", "signature__certificate", "signature__external_certificate")
        .order_by("order")
    )
    confirmed = PaperSignature.objects.filter(document=document, state=PaperState.CONFIRMED)
    papers = {paper.field_id: paper for paper in confirmed.select_related("vouched_by", "decided_by")}
    return Board(
        tuple(Place(field, getattr(field, "signature", None), papers.get(field.pk)) for field in fields)
    )


@dataclass(frozen=True)
class Round:
    """A signing round in figures."""

    document: Document
    signed: int
    total: int

    @property
    def url(self) -> str:
        return reverse("agreements:detail", args=[self.document.pk])


def rounds(documents: QuerySet[Document]) -> list[Round]:
    """Return the rounds of these documents, the first to close first, in one query."""
    confirmed = Q(paper_signatures__state=PaperState.CONFIRMED)
    counted = documents.annotate(
        field_count=Count("fields", distinct=True),
        paper_count=Count("paper_signatures", filter=confirmed, distinct=True),
    ).order_by("closes_on")
    return [
        Round(document, document.head_seq + document.paper_count, document.field_count)
        for document in counted
    ]
