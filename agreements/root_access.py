"""WHO may see and decide which outside authorities this portal believes."""

from django.db.models import Exists, OuterRef, QuerySet

from agreements.access import RELEASE_ROLES
from agreements.models import ExternalList, ExternalRoot
from agreements.states import RootState
from portal.users.models import Role, User

ROOT_READERS = RELEASE_ROLES | {Role.ADMINISTRATOR}


def may_see_roots(user: User) -> bool:
    return user.role in ROOT_READERS


def visible_roots(user: User) -> QuerySet[ExternalRoot]:
    """Every outside root, for those who decide on them."""
    rows = ExternalRoot.objects.select_related("proposed_by", "decided_by")
    return rows if may_see_roots(user) else rows.none()


def trusted_roots() -> QuerySet[ExternalRoot]:
    """Those that are believed, for the whole world."""
    return ExternalRoot.objects.filter(state=RootState.ENABLED)


def trusted_lists() -> QuerySet[ExternalList]:
    """The newest revocation list of each issuer below them."""
    later = ExternalList.objects.filter(
        issuer_sha256=OuterRef("issuer_sha256"), this_update__gt=OuterRef("this_update")
    )
    return ExternalList.objects.filter(~Exists(later), root__in=trusted_roots().order_by())


def may_propose_root(user: User) -> bool:
    return user.role == Role.ADMINISTRATOR


def may_add_list(user: User) -> bool:
    """Bring a newer revocation list: it is signed, so that nobody has to agree."""
    return user.role == Role.ADMINISTRATOR


def may_decide_root(user: User, root: ExternalRoot) -> bool:
    """Enable or refuse, as the second person."""
    return user.role in RELEASE_ROLES and user.pk != root.proposed_by_id


def may_disable_root(user: User) -> bool:
    """One person is enough to believe less."""
    return user.role in ROOT_READERS
