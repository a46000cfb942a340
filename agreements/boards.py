"""How a signing round stands: read once, shown on the document's page, the home and the room."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from agreements.models import Document, PaperSignature, Signature, SignatureField
from agreements.states import PaperState

STATES = ("signed", "bad", "half", "open", "waiting", "absent", "declined")


@dataclass(frozen=True)
class Place:
    """A party's field, with its signature if it has one: in the file, or confirmed on paper.

    `agency_field`: where the agency signs itself, None where nobody asks for it.
    """

    field: SignatureField
    signature: Signature | None
    is_on_turn: bool = True
    paper: PaperSignature | None = None
    agency_field: SignatureField | None = None

    @property
    def agency_signature(self) -> Signature | None:
        return getattr(self.agency_field, "signature", None)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """Its head's, and the agency's own."""
        return tuple(one for one in (self.signature, self.agency_signature) if one)

    @property
    def last_signature(self) -> Signature | None:
        return self.signatures[-1] if self.signatures else None

    @property
    def weakest(self) -> Signature | None:
        """Of its signatures the one whose check stands worst: bad, else unchecked, else the last."""
        ranks = (Signature.Check.BAD, Signature.Check.CHECKING, Signature.Check.GOOD)
        return min(
            reversed(self.signatures),
            key=lambda one: ranks.index(Signature.Check(one.check_state)),
            default=None,
        )

    @property
    def is_signed(self) -> bool:
        """Whether its last signature is there; a scan of the paper shows both."""
        last = self.agency_signature if self.agency_field else self.signature
        return last is not None or self.paper is not None

    @property
    def short_name(self) -> str:
        """The agency's name without the province, which is the same for all: for the projector."""
        name = self.field.agency_name.removesuffix(f" {settings.PROVINCE}")
        if " " not in name:  # a newspaper is called by its province
            return self.field.agency_name
        return name.removesuffix(" tỉnh").removesuffix(" chi nhánh")

    @property
    def state(self) -> str:
        """signed, bad (a check failed), half (the agency's own is missing), declined, absent, open, waiting.

        Open is who may sign, waiting who is not on turn.
        """
        if any(one.check_state == Signature.Check.BAD for one in self.signatures):
            return "bad"
        if self.is_signed:
            return "signed"
        if self.signature:
            return "half"
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
        signed = [place for place in self.places if place.signatures]
        return max(signed, key=lambda place: place.signatures[-1].seq, default=None)

    def before(self, place: Place) -> int:
        """Return how many parties are still to sign before a place is on turn."""
        earlier = (other for other in self.places if other.field.wave < place.field.wave)
        return sum(1 for other in earlier if other.state in {"half", "open", "waiting"})

    @property
    def failed(self) -> tuple[Place, ...]:
        """Those whose signature failed its check: the round is stopped."""
        return tuple(place for place in self.places if place.state == "bad")

    def of(self, agency_id: int | None) -> Place | None:
        """Return an agency's own place."""
        return next((place for place in self.places if place.field.agency_id == agency_id), None)


def board(document: Document) -> Board:
    """Return the state of a round in two queries."""
    certificates = ("signature__certificate", "signature__external_certificate")
    fields = (
        document.parties.select_related("agency", "delegate", *certificates)
        .select_related("agency_field__signature__certificate")
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
                agency_field=getattr(field, "agency_field", None),
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
    last = Q(agency_marks=False) | Q(signatures__capacity=Signature.Capacity.AGENCY)
    return documents.annotate(
        field_count=Count("fields", filter=Q(fields__after=None), distinct=True),
        signed_count=Count("signatures", filter=last, distinct=True)
        + Count("paper_signatures", filter=confirmed, distinct=True),
    )


def rounds(documents: QuerySet[Document]) -> list[Round]:
    """Return the rounds of these documents, the first to close first, in one query."""
    rows = counted(documents).order_by("closes_on")
    return [Round(document, document.signed_count, document.field_count) for document in rows]
