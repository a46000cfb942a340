from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "portal.audit"
    label = "audit"
    verbose_name = _("Audit trail")

    def ready(self) -> None:
        from portal.audit import checks, guards, trail_verbs, verbs

        verbs.register(trail_verbs.VERBS, trail_verbs.DETAILS)
        connection_created.connect(guards.refuse_unguarded, dispatch_uid="portal.audit.guards")
        register(checks.check_places, Tags.security, deploy=True)
