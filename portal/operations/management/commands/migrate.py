"""Django's migrate, as the role that owns the tables."""

from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as DjangoCommand
from django.db import connection


class Command(DjangoCommand):
    """Migrate with DATABASE_OWNER_URL where it is set: the portal's own role may not change a table."""

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DATABASE_OWNER:
            super().handle(*args, **options)
            return
        portal = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(settings.DATABASE_OWNER)
        try:
            super().handle(*args, **options)
        finally:
            connection.close()
            connection.settings_dict.update(portal)
