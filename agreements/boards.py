"""How a signing round stands: read once, shown on the document's page, the home and the room."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.urls import reverse

from agreements.models import Document, Signature, SignatureField


@dataclass(frozen=True)
class Place:
    """A party's field, with its signature if it has one."""

    field: SignatureField
    signature: Signature | None


@dataclass(frozen=True)
class Board:
    """All parties in protocol order."""

    places: tuple[Place, ...]

    @property
    def signed(self) -> int:
        return sum(1 for place in self.places if place.signature)

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
    """Return the state of a round in one query."""
    fields = (
        SignatureField.objects.filter(document=document)
        .select_related("agency", "signature", "signature__certificate")
        .order_by("order")
    )
    return Board(tuple(Place(field, getattr(field, "signature", None)) for field in fields))


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
    counted = documents.annotate(
        field_count=Count("fields", distinct=True), signed_count=Count("signatures", distinct=True)
    ).order_by("closes_on")
    return [Round(document, document.signed_count, document.field_count) for document in counted]
