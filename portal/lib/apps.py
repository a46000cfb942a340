"""App of the lowest layer: template tags only, no models."""

from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "portal.lib"
    label = "lib"
