from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgreementsConfig(AppConfig):
    name = "agreements"
    verbose_name = _("Agreements and signatures")

    def ready(self) -> None:
        from agreements import amendments, conference_reminders, pades, pki, reminders, verbs
        from portal.audit.verbs import register
        from portal.notices import kinds
        from portal.users import step_up
        from tasks import rounds

        pades.apply_repairs()
        step_up.register(pki.PIN)
        rounds.register(amendments.out_for_signing)
        kinds.register(reminders.KINDS, planner=reminders.plan)
        kinds.register(conference_reminders.KINDS, planner=conference_reminders.plan)
        register(verbs.VERBS, verbs.DETAILS)
