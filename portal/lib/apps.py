"""App of the lowest layer: template tags and the second wall, no models."""

from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "portal.lib"
    label = "lib"

    def ready(self) -> None:
        from portal.lib import walls  # reads the database's settings

        walls.connect()
