"""Wrong answers of one account from one address: a few, then a pause.

Never of an account alone: that would let anybody lock a head out. Counted in the cache that every
process shares, which is the database.
"""

from allauth.core import context
from allauth.core.internal import ratelimit
from django.utils.translation import gettext as _

from portal.lib.errors import RuleError
from portal.lib.web import current_request
from portal.users.models import User

FAILURES = "5/15m/key"
"""Five in fifteen minutes, in the spelling of allauth, which counts."""


class TooManyFailures(RuleError):
    """No answer is looked at for a while, right or wrong."""

    def __init__(self) -> None:
        super().__init__(_("Too many wrong codes. Nothing was done. Try again in 15 minutes."))


def key(account: object) -> str:
    """Return what is counted together: an account, asked from the address of this request."""
    facts = current_request()
    return f"{account}@{facts.address if facts else ''}"


class Attempt:
    """One answer to a question of secrecy; counts as a failure until it is forgiven.

    Counted before the answer is looked at, so that answers sent side by side count too. Outside a
    request, as in commands, nothing is counted.
    """

    def __init__(self, question: str, user: User) -> None:
        self._usage = None
        if context.request is None:
            return
        self._usage = ratelimit.consume(
            context.request,
            app="portal",
            action=question,
            config={question: FAILURES},
            key=key(user.pk),
            limit_get=True,
        )
        if self._usage is None:
            raise TooManyFailures

    def forgive(self) -> None:
        if self._usage is not None:
            self._usage.rollback()
