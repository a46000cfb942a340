"""Actions outside the table: asked by nobody, or only for oneself."""

NOT_ASKED = {
    "agreements.inspections._finish": "the job that examines files, and the sweep before it",
    "portal.users.invitations._end_guessed": "follows from too many wrong codes",
    "agreements.pki._count_wrong_pin": "follows from a wrong PIN of one's own credential",
    "agreements.pki.destroy_keys_without_post": "a job, and a part of handing a post over",
    "agreements.sealing._append": "a job's archive time-stamp, after the round",
    "agreements.sealing._store_verdict": "a job's finding",
    "agreements.agents.append": "nobody is signed in: the ticket and the token's value decide",
    "agreements.agents.prepare": "nobody is signed in: the ticket decides",
    "agreements.uploads._record_refusal": "follows from a refused file of one's own",
    "agreements.ceremonies._record": "a command on the server",
    "agreements.revocations._revoke_issuing": "a command on the server",
    "agreements.revocations._revoke_stamp_key": "a command on the server",
    "agreements.crls.take": "a command on the server",
    "agreements.crls.keep": "a job, and what follows from a revocation",
    "agreements.verification._store_verdict": "a job's finding",
    "portal.audit.verification._keep": "a job's finding",
    "portal.audit.backups.prove": "a command on the server",
    "portal.files.recalls.destroy": "a command on the server",
    "portal.files.sweeping._delete": "a job's sweep",
    "portal.files.sweeping._record": "a job's sweep",
    "portal.files.uploads._record_refusal": "follows from a refused upload of one's own",
    "portal.notices.planning._run": "a job's sweep",
    "portal.operations.beginnings.create_administrator": "a command on the server",
    "portal.operations.demo.building._build": "a command on the server",
    "portal.users.invitations.activate": "nobody is signed in: link and code decide",
    "portal.users.oidc.bind": "nobody is signed in: the provider's answer decides",
    "portal.users.recoveries._use": "nobody is signed in: password and the two people's code decide",
    "tasks.changes._carry_out_on_its_day": "the job of the day; who confirmed it stands for it",
    "tasks.changes._note_refusal": "the job of the day",
    "tasks.loading.writing.load": "a command on the server",
}
"""Actions that no signed-in person can ask for, and why."""

OWN = {
    "agreements.pki._replace_sealed_key": "the old PIN and a fresh code",
    "portal.notices.calendar_links.make": "one's own link",
    "portal.notices.calendar_links.withdraw": "one's own link",
    "portal.notices.preferences.change": "one's own form",
    "portal.users.factors.add_app": "a checked code of the new app",
    "portal.users.factors.add_key": "a checked answer of the new key",
    "portal.users.factors.add_sheet": "a typed code of the new sheet",
    "portal.users.passwords.change": "one's own form, after the old password",
    "portal.users.step_up._grant": "follows from PIN or password and a fresh code",
    "portal.users.step_up._refuse": "follows from a wrong answer of one's own",
}
"""What everybody does for themselves and nobody for another, and after what."""
