"""What an action says when it does not do what was asked."""


class RuleError(Exception):
    """A rule refused the action. The text is shown to the user: what happened, what to do next."""


class StaleError(RuleError):
    """Someone changed the object since the user's page was made (HTTP 409)."""


class BusyError(RuleError):
    """Too many wait for the same thing just now; the same request may be sent again (HTTP 503)."""
