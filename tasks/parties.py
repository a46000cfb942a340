"""Who is a party today: the agencies that signed, and those that have come into the place of one since.

What was signed keeps its names. Only a programme whose text may still change gets new signatories.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Max, Q, QuerySet

from portal.agencies.models import Agency, AgencyQuerySet
from tasks.models import PartyHeir, Programme, Signatory
from tasks.states import EDITABLE_PROGRAMME, OPEN_PROGRAMME


def of(programmes: QuerySet[Programme]) -> AgencyQuerySet:
    """Return the agencies that are party now. No query of its own."""
    heirs = PartyHeir.objects.filter(programme__in=programmes)
    signed = Signatory.objects.filter(programme__in=programmes)
    there = Q(pk__in=signed.values("agency")) | Q(pk__in=heirs.values("agency"))
    return Agency.objects.filter(there).exclude(pk__in=heirs.filter(has_left=True).values("predecessor"))


def agencies(programme: Programme) -> AgencyQuerySet:
    """Return them in protocol order."""
    rows = of(Programme.objects.filter(pk=programme.pk))
    return rows.order_by("protocol_order", "name_sort_key")


def ids(programme: Programme) -> set[int]:
    return set(agencies(programme).values_list("pk", flat=True))


def in_order(programme: Programme) -> list[Agency]:
    """Return them as the signatories are printed, who came later at the place of whom they followed."""
    rows = Signatory.objects.filter(programme=programme).select_related("agency").order_by("order")
    found = [row.agency for row in rows]
    heirs = list(PartyHeir.objects.filter(programme=programme).select_related("agency", "predecessor"))
    for heir in heirs:
        if heir.agency not in found and heir.predecessor in found:
            found.insert(found.index(heir.predecessor) + 1, heir.agency)
    gone = {heir.predecessor for heir in heirs if heir.has_left}
    return [agency for agency in found if agency not in gone]


def since(programme: Programme) -> dict[int, dt.date]:
    """Return since when each agency that did not sign has been a party."""
    rows = PartyHeir.objects.filter(programme=programme).order_by("-since_on")
    signed = Signatory.objects.filter(programme=programme).values("agency")
    return dict(rows.exclude(agency__in=signed).values_list("agency_id", "since_on"))


def pass_on(
    predecessor: Agency, programme: Programme, to: Iterable[Agency], *, keeps_place: bool, on: dt.date
) -> None:
    """Let agencies come into the place of a party, the first of them where it stood.

    `keeps_place`: the predecessor remains a party beside them. Only within the action that carries out
    the change; nothing happens where the predecessor is no party.
    """
    heirs = [agency for agency in dict.fromkeys(to) if agency != predecessor]
    if predecessor.pk not in ids(programme) or not heirs:
        return
    if programme.state in EDITABLE_PROGRAMME:
        _sign(predecessor, programme, heirs, keeps_place=keeps_place)
    elif programme.state in OPEN_PROGRAMME:
        left: dict[str, Any] = {"predecessor": predecessor, "has_left": not keeps_place}
        rows = [PartyHeir(programme=programme, agency=agency, since_on=on, **left) for agency in heirs]
        PartyHeir.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["programme", "predecessor", "agency"],
            update_fields=["has_left"],
        )


def _sign(predecessor: Agency, programme: Programme, heirs: Collection[Agency], *, keeps_place: bool) -> None:
    """Write the signatories of a text that may still change."""
    rows = Signatory.objects.filter(programme=programme)
    signing = set(rows.values_list("agency_id", flat=True))
    place = rows.get(agency=predecessor)
    for agency in heirs:
        if agency.pk in signing:
            continue
        if not keeps_place and place.agency_id == predecessor.pk:
            place.agency = agency
            place.save(update_fields=["agency"])
            continue
        last = rows.aggregate(last=Max("order"))["last"] or 0
        Signatory.objects.create(programme=programme, agency=agency, order=last + 1, place=place.place)
    if not keeps_place and place.agency_id == predecessor.pk:
        place.delete()  # whoever takes over signs already
