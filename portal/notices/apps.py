from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "portal.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from portal.audit.verbs import register
        from portal.notices import verbs

        register(verbs.VERBS, verbs.DETAILS)
