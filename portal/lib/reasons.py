"""The reason that a step asks for."""

from django.utils.translation import gettext as _

from portal.lib.errors import RuleError

SENTENCE = 5  # characters of the shortest reason that says anything


def given(reason: str, *, least: int = 1) -> str:
    """Return the reason without blanks around it. Raises RuleError when it is shorter than `least`."""
    words = reason.strip()
    if len(words) < least:
        raise RuleError(_("Give a reason."))
    return words
