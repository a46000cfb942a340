from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "portal.users"
    label = "users"
    verbose_name = _("People and posts")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from portal.users import journal, middleware, sessions  # read models, which exist only from here on

        journal.connect()
        sessions.connect()
        # The request that signs in goes on as the person it signed in.
        user_logged_in.connect(middleware.let_in_now, dispatch_uid="portal.users.walls")
