"""Waves of a signing round: all at once, or one after another.

The newest open wave stands in the document. It opens when nobody of the waves before it is still to
sign: who was marked absent or declined holds nobody up, and may come later. It never closes again.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.core.exceptions import PermissionDenied
from django.db.models import Min
from django.utils.translation import gettext as _

from agreements import access, reminders
from agreements.models import Document, SignatureField
from agreements.states import DocumentState
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users.models import User


@action
def choose(document: Document, *, by: User, at: dt.datetime, order: str) -> None:
    """Choose the order of signing, before the round opens."""
    if not access.may_run_round(by, document):
        raise PermissionDenied
    document.refresh_from_db(from_queryset=Document.objects.select_for_update())
    if document.state != DocumentState.FROZEN:
        raise RuleError(_("The order of signing is chosen before the round opens."))
    document.order = Document.Order(order)
    document.save(update_fields=["order"])
    fields = list(document.fields.select_related("agency"))
    for field, wave in zip(fields, waves_of(document, fields), strict=True):
        field.wave = wave
    SignatureField.objects.bulk_update(fields, ["wave"])
    record("document.order_chosen", document, by=by, at=at, payload={"order": document.order})


def waves_of(document: Document, fields: Sequence[SignatureField]) -> list[int]:
    """Return the wave of each field, from 1 on without a gap; fields in protocol order, with agencies."""
    host, front = document.programme.host_id, document.programme.co_host_id
    match document.order:
        case Document.Order.HOST_LAST:
            ranks = [{front: 0, host: 2}.get(field.agency_id, 1) for field in fields]
        case Document.Order.PROTOCOL:
            ranks = list(_runs(field.agency.kind for field in fields))
        case _:
            ranks = [0] * len(fields)
    places = {rank: wave for wave, rank in enumerate(sorted(set(ranks)), 1)}
    return [places[rank] for rank in ranks]


def _runs(kinds: Iterable[str]) -> Iterable[int]:
    """Number the groups of agencies of one kind that stand together."""
    number, before = 0, None
    for kind in kinds:
        number += kind != before
        before = kind
        yield number


def open_next(document: Document, *, at: dt.datetime) -> None:
    """Open the next wave when the present one waits for nobody, and tell its heads.

    Inside an action that has locked the document, after somebody signed, declined or was absent.
    """
    unsigned = access.unsigned_fields().filter(document=document)
    # Of an agency's own signature nobody waits as long as its head is absent or has declined.
    waiting = unsigned.filter(
        absent_at=None, declined_at=None, after__absent_at=None, after__declined_at=None
    )
    wave = waiting.aggregate(first=Min("wave"))["first"]
    if wave is None or wave <= document.wave:
        return
    opened = list(unsigned.filter(after=None, wave__gt=document.wave, wave__lte=wave))
    document.wave = wave
    document.save(update_fields=["wave"])
    reminders.tell_turn(document, opened, at=at)
    record("document.wave_opened", document, by=None, at=at, payload={"wave": wave, "parties": len(opened)})
