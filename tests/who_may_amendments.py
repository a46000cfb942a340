"""How the actions of amendments and of the end of a document are prepared for the who-may matrix."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from agreements import amendments
from agreements.models import Amendment, Certificate, Document, Signature
from portal.users.models import User
from tasks.content import content
from tests.factories import NOW, TODAY

Ask = Callable[[User], Any]
REASON = "Lý do đủ dài"
DECISION = {"reason": REASON, "decision_number": "12/QĐ-BCH", "decided_on": TODAY}


def later_duty(world: SimpleNamespace) -> Any:
    (duty,) = content(world.programme)["assignments"]
    return {**duty, "deadline_on": "2027-01-15"}


def proposed(world: SimpleNamespace) -> Amendment:
    commander = world.people["host", "commander"]
    made = amendments.propose(world.programme, by=commander, at=NOW, reason=REASON, closes_on=TODAY)
    amendments.put(made, by=commander, at=NOW, code="1.01", after=later_duty(world))
    return made


def drafted(
    act: Callable[..., Any], issued: Callable[[SimpleNamespace], Document], **given: Any
) -> Callable[[SimpleNamespace, str], Ask]:
    """An amendment in its draft, or with its paper frozen."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        own = issued(world)
        made = proposed(world)
        if state == "frozen":
            own.pk, own.kind, own.number, own.number_year, own.state = None, "amendment", None, None, "frozen"
            own.issued_on = None
            own.save()
            Amendment.objects.update(document=own)
        return lambda by: act(Amendment.objects.get(pk=made.pk), by=by, at=NOW, **given)

    return prepare


def put(world: SimpleNamespace) -> Callable[..., Any]:
    return lambda amendment, **given: amendments.put(
        amendment, code="1.01", after={**later_duty(world), "target": "7"}, **given
    )


def signed_by_all(document: Document, signer: User) -> None:
    """In rows alone: a signature in each field."""
    for seq, field in enumerate(document.fields.all(), 1):
        certificate = Certificate.objects.create(
            serial=f"{seq:048x}", user=signer, agency=field.agency, common_name="x", der=b"", not_before=NOW,
            not_after=NOW + dt.timedelta(days=9),
        )  # fmt: skip
        Signature.objects.create(
            document=document, field=field, seq=seq, capacity="head", signer=signer, signer_name="x",
            capacity_lines="x", certificate=certificate, signed_at=NOW, file=document.head,
        )  # fmt: skip
