"""A person's telephone for what cannot wait: given by themselves, confirmed with a code, taken back."""

import datetime as dt
import hashlib
import re

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.notices import gateways
from portal.notices.gateways import Gateway, Text
from portal.notices.models import MailPreference
from portal.users import codes, throttle
from portal.users.models import User

LIVES = dt.timedelta(minutes=15)
TRIES = 5
PAUSE = dt.timedelta(minutes=1)
"""Between two codes: each costs the province money, and somebody a look at their telephone.

phone_code_until therefore stays when the number is confirmed or taken back.
"""
_NUMBER = re.compile(r"\+84[235789]\d{8}")


def normal(number: str) -> str:
    """Return a Vietnamese number as +84…; raises RuleError for anything else."""
    plain = re.sub(r"[\s.()-]", "", number)
    plain = "+84" + plain[1:] if plain.startswith("0") else plain
    if not _NUMBER.fullmatch(plain):
        raise RuleError(_("Type a Vietnamese telephone number, such as 0912 345 678."))
    return plain


def ask(user: User, number: str, *, at: dt.datetime) -> None:
    """Send a code to the number; until it is typed here nothing else goes there.

    Raises RuleError when it is no number, when the last code is a moment old, after many codes, or when
    the gateway is away.
    """
    gateway = gateways.current()
    if gateway is None:
        raise RuleError(_("There is no gateway to telephones."))
    try:
        throttle.Attempt("telephone", user.pk, at=at, is_guessable=True)  # a code costs, right or wrong
    except throttle.TooManyFailures as error:
        raise RuleError(_("Too many codes were sent. Try again in 15 minutes.")) from error
    code = codes.new_digits()
    _keep(user, normal(number), code, at=at)
    try:
        gateway.send(_text_of_code(user, normal(number), code, at))
    except (gateways.GatewayAwayError, gateways.GatewayRefusedError) as error:
        _forget(user, code)
        raise RuleError(_("The gateway did not take the message. Try again in some minutes.")) from error


@action
def _keep(user: User, number: str, code: str, *, at: dt.datetime) -> None:
    row, _is_new = MailPreference.objects.select_for_update().get_or_create(user=user)
    if row.phone_code_until and row.phone_code_until - LIVES + PAUSE > at:
        raise RuleError(_("A code was sent a moment ago. Wait a minute before the next."))
    row.phone, row.phone_confirmed_at = number, None
    row.phone_code, row.phone_code_until, row.phone_tries = codes.hash_code(code), at + LIVES, 0
    row.save()


@action
def _forget(user: User, code: str) -> None:
    """Take back a code that did not leave, so that no page waits for it and another can be asked for."""
    row = MailPreference.objects.select_for_update().get(user=user)
    if codes.is_code(code, row.phone_code):
        row.phone_code, row.phone_code_until = "", None
        row.save(update_fields=["phone_code", "phone_code_until"])


@action
def confirm(user: User, typed: str, *, at: dt.datetime) -> bool:
    """Take the code; whether it was right. A wrong one counts; after some, another has to be sent."""
    row = MailPreference.objects.select_for_update().filter(user=user).first()
    if row is None or not row.phone_code or row.phone_code_until is None or row.phone_code_until <= at:
        raise RuleError(_("The code is too old. Have another one sent."))
    if row.phone_tries >= TRIES:
        raise RuleError(_("Too many wrong codes. Have another one sent."))
    if not codes.is_code(typed, row.phone_code):
        row.phone_tries += 1
        row.save(update_fields=["phone_tries"])
        return False
    row.phone_confirmed_at, row.phone_code = at, ""
    row.save()
    record("phone.confirmed", row, by=user, at=at)
    return True


@action
def withdraw(user: User, *, at: dt.datetime) -> None:
    """Forget the number: nothing more goes there."""
    row = MailPreference.objects.select_for_update().filter(user=user).exclude(phone="").first()
    if row is None:
        raise RuleError(_("There is no number to take back."))
    row.phone, row.phone_confirmed_at, row.phone_code = "", None, ""
    row.save()
    record("phone.withdrawn", row, by=user, at=at)


def _text_of_code(user: User, number: str, code: str, at: dt.datetime) -> Text:
    key = hashlib.sha256(f"code {user.pk} {at.isoformat()}".encode()).hexdigest()[:32]
    link = settings.PUBLIC_URL + reverse("notices:preferences")
    return Text(key, number, "Cổng phối hợp: mã xác nhận số điện thoại", code, link)


def send(gateway: Gateway, number: str, *, key: str, code: str) -> None:
    """Say that something urgent waits: the sentence, the code of the notice and the link are all."""
    link = settings.PUBLIC_URL + reverse("notices:list") + "?unread=1"
    gateway.send(Text(key, number, "Cổng phối hợp: có việc cần xử lý ngay", code, link))
