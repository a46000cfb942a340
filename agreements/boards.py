"""How a signing round stands: read once, shown on the document's page, the home and the room."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from agreements.models import Document, PaperSignature, Signature, SignatureField
from agreements.states import PaperState

STATES = ("signed", "bad", "open", "waiting", "absent", "declined")


@dataclass(frozen=True)
class Place:
    """A party's field, with its signature if it has one: in the file, or confirmed on paper."""

    field: SignatureField
    signature: Signature | None
    is_on_turn: bool = True
    paper: PaperSignature | None = None

    @property
    def is_signed(self) -> bool:
        return self.signature is not None or self.paper is not None

    @property
    def short_name(self) -> str:
        """The agency's name without the province, which is the same for all: for the projector."""
        name = self.field.agency_name.removesuffix(f" {settings.PROVINCE}")
        if " " not in name:  # a newspaper is called by its province
            return self.field.agency_name
        return name.removesuffix(" tỉnh").removesuffix(" chi nhánh")

    @property
    def state(self) -> str:
        """signed, bad (its check failed), declined, absent, open (may sign) or waiting (not on turn)."""
        if self.signature:
            return "bad" if self.signature.check_state == Signature.Check.BAD else "signed"
        if self.paper:
            return "signed"
        if self.field.declined_at:
            return "declined"
        if self.field.absent_at:
            return "absent"
        return "open" if self.is_on_turn else "waiting"


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
    def counts(self) -> list[tuple[str, int]]:
        """How many parties stand in which state, in a fixed order; what is rare only when it is there."""
        found = Counter(place.state for place in self.places)
        always = {"signed", "open", "absent", "declined"}
        return [(state, found[state]) for state in STATES if found[state] or state in always]

    @property
    def declined(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places if place.state == "declined")

    @property
    def undecided(self) -> tuple[Place, ...]:
        """Those who declined, and the commander has not decided what follows."""
        return tuple(place for place in self.declined if place.field.left_out_at is None)

    @property
    def newest(self) -> Place | None:
        """Whoever signed last."""
        signed = [place for place in self.places if place.signature]
        return max(signed, key=lambda place: place.signature.seq if place.signature else 0, default=None)

    def before(self, place: Place) -> int:
        """Return how many parties are still to sign before a place is on turn."""
        earlier = (other for other in self.places if other.field.wave < place.field.wave)
        return sum(1 for other in earlier if other.state in {"open", "waiting"})

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
        .select_related(
            "agency", "delegate", "signature", "signature__certificate", "signature__external_certificate"
        )
        .order_by("order")
    )
    confirmed = PaperSignature.objects.filter(document=document, state=PaperState.CONFIRMED)
    papers = {paper.field_id: paper for paper in confirmed.select_related("vouched_by", "decided_by")}
    return Board(
        tuple(
            Place(
                field,
                getattr(field, "signature", None),
                is_on_turn=field.wave <= document.wave,
                paper=papers.get(field.pk),
            )
            for field in fields
        )
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


def counted(documents: QuerySet[Document]) -> QuerySet[Any]:
    """Add `field_count` and `signed_count` to documents: parties, and those who signed, also on paper."""
    confirmed = Q(paper_signatures__state=PaperState.CONFIRMED)
    return documents.annotate(
        field_count=Count("fields", distinct=True),
        signed_count=Count("signatures", distinct=True)
        + Count("paper_signatures", filter=confirmed, distinct=True),
    )


def rounds(documents: QuerySet[Document]) -> list[Round]:
    """Return the rounds of these documents, the first to close first, in one query."""
    rows = counted(documents).order_by("closes_on")
    return [Round(document, document.signed_count, document.field_count) for document in rows]
