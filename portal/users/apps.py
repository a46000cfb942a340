from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "portal.users"
    label = "users"
    verbose_name = _("People and posts")

    def ready(self) -> None:
        from portal.users import journal, sessions  # read models, which exist only from here on

        journal.connect()
        sessions.connect()
