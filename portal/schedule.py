"""When which job runs, in seconds: read by the settings, kept by Celery's beat."""

SCHEDULE = {
    "plan reminders": {"task": "portal.notices.jobs.plan_reminders", "schedule": 60.0},
    "deliver notices": {"task": "portal.notices.jobs.deliver_notices", "schedule": 60.0},
    "nudge phones": {"task": "portal.notices.jobs.nudge_phones", "schedule": 60.0},
    "sweep the file store": {"task": "portal.files.jobs.sweep_files", "schedule": 6 * 3600.0},
    "check signatures": {"task": "agreements.jobs.check_signatures", "schedule": 60.0},
    "examine files": {"task": "agreements.jobs.examine_files", "schedule": 60.0},
    "sweep preparations": {"task": "agreements.jobs.sweep_preparations", "schedule": 600.0},
    "seal documents": {"task": "agreements.jobs.seal_documents", "schedule": 60.0},
    "renew seals": {"task": "agreements.jobs.renew_seals", "schedule": 24 * 3600.0},
    "write checkpoint": {"task": "portal.audit.jobs.write_checkpoint", "schedule": 60.0},
    "verify audit": {"task": "portal.audit.jobs.verify_audit", "schedule": 300.0},
    "issue revocation lists": {"task": "agreements.jobs.issue_revocation_lists", "schedule": 600.0},
    "make report shells": {"task": "tasks.jobs.make_report_shells", "schedule": 600.0},
    "carry out changes of agencies": {"task": "tasks.jobs.carry_out_changes", "schedule": 600.0},
    "destroy keys": {"task": "agreements.jobs.destroy_keys_without_post", "schedule": 600.0},
}
