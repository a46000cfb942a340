from celery.signals import beat_init, worker_init
from django.apps import AppConfig
from django.core import checks


class OperationsConfig(AppConfig):
    name = "portal.operations"
    label = "operations"

    def ready(self) -> None:
        from portal.audit.verbs import register
        from portal.operations import marks, verbs  # read models, which exist only from here on

        register(verbs.VERBS, verbs.DETAILS)
        checks.register(marks.check_mode, checks.Tags.database)
        worker_init.connect(marks.refuse_wrong_mode, weak=False)
        beat_init.connect(marks.refuse_wrong_mode, weak=False)
