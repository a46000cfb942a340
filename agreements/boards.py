"""How a signing round stands: read once, shown on the document's page, the home and the room."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from agreements.models import Document, Signature, SignatureField
from agreements.states import DocumentState


@dataclass(frozen=True)
class Place:
    """One party's line."""

    order: int
    agency_id: int
    agency_code: str
    agency_name: str
    page: int
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
    def last_signed_at(self) -> dt.datetime | None:
        return max((p.signature.signed_at for p in self.places if p.signature), default=None)


def board(document: Document) -> Board:
    """Return the state of a round in one query."""
    fields = (
        SignatureField.objects.filter(document=document)
        .select_related("agency", "signature", "signature__certificate")
        .order_by("order")
    )
    return Board(
        tuple(
            Place(
                order=field.order,
                agency_id=field.agency_id,
                agency_code=field.agency.code,
                agency_name=field.agency_name,
                page=field.page,
                signature=getattr(field, "signature", None),
            )
            for field in fields
        )
    )


@dataclass(frozen=True)
class Waiting:
    """A document that waits for one agency's signature."""

    document: Document
    signed: int
    total: int


def waiting_for(agency_id: int | None) -> list[Waiting]:
    """Return the open documents that an agency has not signed, with their counts, in one query."""
    documents = (
        Document.objects.filter(
            Q(state=DocumentState.SIGNING)
            & Q(pk__in=SignatureField.objects.filter(agency_id=agency_id, signature=None).values("document"))
        )
        .annotate(signed_count=Count("signatures", distinct=True), field_count=Count("fields", distinct=True))
        .order_by("closes_on")
    )
    return [Waiting(document, document.signed_count, document.field_count) for document in documents]
