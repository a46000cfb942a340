from celery.signals import beat_init, task_prerun, worker_init, worker_ready
from django.apps import AppConfig
from django.core import checks


class OperationsConfig(AppConfig):
    name = "portal.operations"
    label = "operations"

    def ready(self) -> None:
        from portal.audit.verbs import register
        from portal.notices import kinds
        from portal.operations import (  # read models, which exist only from here on
            marks,
            reminders,
            verbs,
            watchdog,
        )

        kinds.register(reminders.KINDS, planner=reminders.plan)
        register(verbs.VERBS, verbs.DETAILS)
        checks.register(marks.check_mode, checks.Tags.database)
        worker_init.connect(marks.refuse_wrong_mode, weak=False)
        worker_ready.connect(watchdog.begin, weak=False)
        task_prerun.connect(watchdog.hear, weak=False)
        beat_init.connect(marks.refuse_wrong_mode, weak=False)
