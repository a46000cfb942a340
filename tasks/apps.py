from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = _("Programmes and assignments")

    def ready(self) -> None:
        from portal.calendar import changes
        from portal.notices import kinds
        from tasks import assignments, reminders

        kinds.register(reminders.KINDS, planner=reminders.plan)
        changes.register(assignments.follow_calendar)
