from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "portal.dashboards"
    label = "dashboards"

    def ready(self) -> None:
        from portal.audit.verbs import register
        from portal.dashboards import verbs

        register(verbs.VERBS, verbs.DETAILS)
