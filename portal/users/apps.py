from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    name = "portal.users"
    label = "users"
    verbose_name = _("People and posts")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from portal.audit.verbs import register
        from portal.users import journal, middleware, sessions, verbs  # read models, which exist only now

        journal.connect()
        sessions.connect()
        register(verbs.VERBS, verbs.DETAILS)
        # The request that signs in goes on as the person it signed in.
        user_logged_in.connect(middleware.let_in_now, dispatch_uid="portal.users.walls")
