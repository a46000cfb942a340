"""How the portal itself stands: what an administrator's home shows beside what is to be mended."""

import datetime as dt

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.models import Signature
from portal.audit import backups
from portal.audit.models import Event
from portal.lib.dates import local_day
from portal.notices.models import Mail
from portal.users.models import Membership, User


def rows(today: dt.date) -> tuple[tuple[str, str, str], ...]:
    """Return name, figure and address of what an administrator looks at first; five queries."""
    proof = backups.newest()
    newest = Event.objects.order_by("-seq").values_list("seq", flat=True).first()
    undelivered = Mail.objects.undelivered()
    refused = Signature.objects.filter(check_state=Signature.Check.BAD)
    held = Membership.objects.valid_on(today).filter(user=OuterRef("pk"))
    idle = User.objects.filter(is_active=True).filter(~Exists(held))
    return (
        (_("Audit events"), str(newest or 0), reverse("admin:audit_event_changelist")),
        (_("Undelivered mails"), str(undelivered.count()), reverse("notices:undelivered")),
        (
            _("Signatures whose check failed"),
            str(refused.count()),
            reverse("admin:agreements_signature_changelist"),
        ),
        (
            _("Newest proven backup"),
            f"{local_day(proof.taken_at):%d/%m/%Y}" if proof else _("none yet"),
            reverse("audit:list"),
        ),
        (_("People without a post"), str(idle.count()), reverse("admin:users_user_changelist")),
    )
