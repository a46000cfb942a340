"""Posts and methods by name, for the policy of addresses (tests/url_policy.py)."""

from dataclasses import dataclass

from portal.users.models import Role

READ = frozenset({"GET"})
CHANGE = frozenset({"POST"})
FORM = READ | CHANGE

ANYONE = None
SIGNED_IN = frozenset(Role)
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
KEEPS_PEOPLE = frozenset(Role) - {Role.FOCAL_POINT, Role.DEPUTY_HEAD, Role.VIEWER}
MENDS_FACTORS = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR, Role.COMMANDER})
TRAIL_READERS = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.ADMINISTRATOR})
SIGNERS = frozenset({Role.COMMANDER, Role.AGENCY_HEAD, Role.DEPUTY_HEAD})
KEEPERS = frozenset({Role.COMMANDER, Role.AGENCY_HEAD, Role.RECORDS_CLERK})
HEADS = frozenset({Role.COMMANDER, Role.AGENCY_HEAD})
RELEASERS = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER})
PREPARES_CHANGES = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR})
REPORTS_READERS = SIGNED_IN - {Role.VIEWER, Role.ADMINISTRATOR}
COMMAND = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.RECORDS_CLERK})


@dataclass(frozen=True)
class Policy:
    """`who` None is the whole world.

    `by_library`: a view of Django or allauth, methods are its own. `demo_only`: 404 outside the
    demonstration.
    """

    who: frozenset[Role] | None
    methods: frozenset[str]
    by_library: bool = False
    demo_only: bool = False
