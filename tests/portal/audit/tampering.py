"""What someone with the database in hand could do: the triggers put aside, and the chain mended after."""

from portal.audit.events import digest
from portal.audit.models import Event, Head
from tests.portal.audit.test_events import without_triggers


def rewrite(seq: int, payload: str = '{"khác":1}') -> None:
    """Change an event and chain every later one anew, up to the head."""
    without_triggers("UPDATE audit_event SET payload = %s WHERE seq = %s", payload, seq)
    before = Event.objects.filter(seq=seq - 1).first()
    for event in Event.objects.filter(seq__gte=seq).order_by("seq"):
        event.prev_sha256 = before.sha256 if before else event.prev_sha256
        event.sha256 = digest(event)
        event.save()
        before = event
    Head.objects.update(sha256=before.sha256)


def cut_tail(seq: int) -> None:
    """Take away this event and all later ones, and set the head back: an older copy of the database."""
    without_triggers("DELETE FROM audit_event WHERE seq >= %s", seq)
    last = Event.objects.get(seq=seq - 1)
    Head.objects.update(seq=last.seq, sha256=last.sha256)
