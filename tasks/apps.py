from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = _("Programmes and assignments")

    def ready(self) -> None:
        from portal.audit.verbs import register
        from portal.calendar import changes
        from portal.notices import kinds
        from tasks import (
            change_reminders,
            comment_reminders,
            cooperation_reminders,
            due_days,
            extension_reminders,
            group_reminders,
            light_reminders,
            paper_reminders,
            period_review_reminders,
            proposals,
            rating_reminders,
            reminders,
            report_reminders,
            scheme_reminders,
            urging_reminders,
            vacancy_reminders,
            verbs,
            year_reminders,
        )

        kinds.register(reminders.ALL_KINDS, planner=reminders.plan)
        kinds.register(report_reminders.KINDS, planner=report_reminders.plan)
        kinds.register(paper_reminders.KINDS)
        kinds.register(extension_reminders.KINDS, planner=extension_reminders.plan)
        kinds.register(urging_reminders.KINDS)
        kinds.register(comment_reminders.KINDS)
        kinds.register(cooperation_reminders.KINDS, planner=cooperation_reminders.plan)
        kinds.register(group_reminders.KINDS, planner=group_reminders.plan)
        kinds.register(light_reminders.KINDS)
        kinds.register(change_reminders.KINDS)
        kinds.register(rating_reminders.KINDS, planner=rating_reminders.plan)
        kinds.register(vacancy_reminders.KINDS, planner=vacancy_reminders.plan)
        kinds.register(year_reminders.KINDS)
        kinds.register(scheme_reminders.KINDS, planner=scheme_reminders.plan)
        kinds.register(proposals.KINDS)
        kinds.register(period_review_reminders.KINDS, planner=period_review_reminders.plan)
        register(verbs.VERBS, verbs.DETAILS)
        changes.register(due_days.follow_calendar)
