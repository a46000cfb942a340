"""Wrong answers of one account from one address: a few, then a pause. The clock, never a lock.

Never of an account alone: that would let anybody lock a head out. And of one address more, unless the
address belongs to a network that many people share. Six digits are another matter: they are guessed from
thousands of addresses, of which one line gives 65,536 (an IPv6 /48). Only who has the password, or a
link, comes to where they are typed, so there the account counts, too.
"""

import datetime as dt
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from portal.lib.errors import RuleError
from portal.lib.web import current_request
from portal.users.models import Failure

OF_ACCOUNT, OF_ACCOUNT_WITHIN = 5, dt.timedelta(minutes=15)
OF_ADDRESS, OF_ADDRESS_WITHIN = 300, dt.timedelta(hours=1)
OF_GUESSABLE, OF_GUESSABLE_WITHIN = 30, dt.timedelta(hours=1)
HOME_PREFIX = 64  # bits: what one IPv6 household can vary at will lies behind them


class TooManyFailures(RuleError):
    """No answer is looked at for a while, right or wrong."""

    def __init__(self) -> None:
        super().__init__(_("Too many wrong answers. Nothing was done. Try again in 15 minutes."))


class Attempt:
    """One answer to a question of secrecy; a failure until it is forgiven.

    Written before the answer is looked at, so that answers sent side by side count too: of many at
    once never more than five are looked at. Outside a request, as in commands, nothing is counted.
    Raises TooManyFailures.
    """

    def __init__(
        self, question: str, account: object, *, at: dt.datetime, is_guessable: bool = False
    ) -> None:
        facts = current_request()
        self._row: Failure | None = None
        if facts is None:
            return
        address = household(facts.address)
        self._row = Failure.objects.create(account=_mark(question, account), address=address, at=at)
        if _is_too_many(self._row) or (is_guessable and self.count_everywhere() > OF_GUESSABLE):
            self.forgive()  # not looked at, so not wrong: who waits may come back
            raise TooManyFailures

    def count_everywhere(self) -> int:
        """Return how many answers to this question were wrong in the last hour, from any address."""
        if self._row is None:
            return 0
        since = self._row.at - OF_GUESSABLE_WITHIN
        return Failure.objects.filter(account=self._row.account, at__gt=since).count()

    def forgive(self) -> None:
        """Strike the answer off: it was right, or was not looked at."""
        if self._row is not None:
            Failure.objects.filter(pk=self._row.pk).delete()


def _is_too_many(row: Failure) -> bool:
    Failure.objects.filter(at__lte=row.at - OF_ADDRESS_WITHIN).delete()
    here = Failure.objects.filter(address=row.address)
    of_account = here.filter(account=row.account, at__gt=row.at - OF_ACCOUNT_WITHIN)
    if of_account.count() > OF_ACCOUNT:
        return True
    return not _is_shared(row.address) and here.count() > OF_ADDRESS


def _mark(question: str, account: object) -> str:
    """Return what stands for an account in the table: a name that was typed may be a password."""
    return salted_hmac("portal.users.throttle", f"{question}:{account}", algorithm="sha256").hexdigest()


def one_name(typed: object) -> str:
    """Return a user name as it counts: PostgreSQL finds accounts by capitals, where i and \u0131 are one."""
    return str(typed).upper().casefold()


def household(address: str) -> str:
    """Return what is counted as one address: of IPv6 what one line can vary at will."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, HOME_PREFIX), strict=False).network_address)
    return str(parsed)


def _is_shared(address: str) -> bool:
    return bool(address) and any(ip_address(address) in network for network in settings.TRUSTED_NETWORKS)
