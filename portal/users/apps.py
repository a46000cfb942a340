from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "portal.users"
    label = "users"
    verbose_name = _("People and posts")

    def ready(self) -> None:
        from portal.audit.verbs import register
        from portal.users import journal, verbs  # read models, which exist only from here on

        journal.connect()
        register(verbs.VERBS, verbs.DETAILS)
