"""What the crawler knows of each address: which values it takes, who sees it, who may send to it.

The visibility table of docs/access.md, written down a second time on purpose. An address without a
row fails the crawler. Rows name people of tests/isolation/people.py.
"""

from tests.isolation import (
    conferring,
    consulting_rows,
    draft_rows,
    entry_rows,
    grouping,
    paper_rows,
    period_rows,
    rating,
    reviewing,
    scheme_rows,
    talk_rows,
    urging_rows,
    year_rows,
)
from tests.isolation.change_rows import PREPARES, plans, sees_change
from tests.isolation.people import COMMAND, MISSING
from tests.isolation.rows import (
    AGENCY_HEADS,
    HEADS,
    HOLDERS,
    KEEPERS,
    KEEPS_PEOPLE,
    MENDS,
    RELEASES,
    RUNS,
    SIGNERS,
    Row,
    adds_files,
    answers,
    approves,
    asks_for_time,
    assignments,
    authorisations,
    certificates,
    corrects,
    duties,
    enters_figures,
    everybody,
    extensions,
    figures,
    files,
    has_evidence,
    joints,
    marks,
    names,
    nobody,
    notices,
    own_notice,
    paper,
    papers,
    party,
    persons,
    reports,
    requests,
    sees_assignment,
    sees_authorisation,
    sees_board,
    sees_certificate,
    sees_extension,
    sees_figure,
    sees_file,
    sees_grant,
    sees_joint,
    sees_mark,
    sees_measured,
    sees_paper,
    sees_person,
    sees_programme,
    sees_report,
    sees_request,
    sees_sending,
    sees_undelivered,
    sends_report,
    signs,
    some,
    some_assignments,
    some_grant,
    steps_up,
    takes_report_back,
    withdraws,
    works,
    writes_report,
    years,
)

LIBRARY = Row(everybody, by_library=True)
PUBLIC = {
    "verify",
    "examined",
    "authorities",
    "authority_certificate",
    "revocation_list",
    "healthz",
    "readyz",
    "metrics",
    "account_login",
    "account_logout",
    "account_inactive",
}
PUBLIC |= {"mfa_authenticate", "set_language", "activate", "calendar"}
PUBLIC |= {"login_passkey", "login_oidc", "login_oidc_callback"}
PUBLIC |= {"agreements:agent_prepare", "agreements:agent_complete"}  # a ticket is asked for, no session

FACTOR_PAGES = {f"factor_{name}" for name in ("choose", "app", "key", "sheet", "keep")}
FACTOR_PAGES |= {"account_reauthenticate", "mfa_reauthenticate"}
"""All that somebody meets whose post needs a second factor, until they have one."""

TABLE: dict[str, Row] = {
    "home": Row(everybody),
    "styleguide": Row(nobody),  # outside the demonstration there is none
    "programmes:list": Row(everybody),
    "programmes:detail": Row(sees_programme, years),
    "programmes:settle": Row(sees_programme, years, nobody, names(*RUNS)),
    "programmes:reopen": Row(sees_programme, years, nobody, names(*RUNS)),
    "programmes:close": Row(sees_programme, years, nobody, names(*RUNS)),
    "programmes:terminate": Row(sees_programme, years, nobody, names("commander")),
    "programmes:make_periods": Row(sees_programme, years, nobody, names(*RUNS, "admin")),
    "agencies:detail": Row(urging_rows.sees_agency, urging_rows.codes),
    "assignments:list": Row(everybody),
    "assignments:export": Row(everybody),
    "assignments:detail": Row(sees_assignment, assignments),
    "assignments:history": Row(sees_assignment, some_assignments, reads=sees_measured),
    **{
        f"assignments:{step}": Row(sees_assignment, some_assignments, nobody, works)
        for step in ("accept", "return_to_command", "report_progress", "submit_to_head")
    },
    **{
        f"assignments:{step}": Row(sees_assignment, some_assignments, nobody, approves)
        for step in ("approve", "send_back")
    },
    **{
        f"assignments:{step}": Row(sees_assignment, some_assignments, nobody, names("officer"))
        for step in ("confirm", "reject", "assign_again")
    },
    **{
        f"assignments:{step}": Row(sees_assignment, some_assignments, nobody, names("commander"))
        for step in ("suspend", "resume")
    },
    "assignments:cancel": Row(sees_assignment, some_assignments, nobody),  # none of them was added
    "assignments:add_evidence": Row(sees_assignment, some_assignments, nobody, adds_files),
    "assignments:evidence": Row(sees_file, files),
    "assignments:withdraw_evidence": Row(sees_file, files, withdraws, withdraws),
    "assignments:recall_evidence": Row(sees_file, files, names(*RUNS), names(*RUNS)),
    "indicators:list": Row(everybody),
    "indicators:export": Row(everybody),
    "indicators:joint": Row(sees_joint, joints),
    "indicators:detail": Row(sees_measured, assignments),
    "indicators:export_parts": Row(sees_measured, some_assignments),
    "indicators:define": Row(sees_measured, some_assignments, names("officer"), names("officer")),
    "indicators:distribute": Row(sees_measured, some_assignments, works, works),
    "indicators:settle": Row(sees_measured, some_assignments, nobody, approves),
    "indicators:reopen": Row(sees_measured, some_assignments, nobody, approves),
    "indicators:enter": Row(sees_measured, some_assignments, enters_figures, enters_figures),
    "indicators:correct": Row(sees_figure, figures, corrects, corrects),
    "extensions:list": Row(everybody),
    "extensions:export": Row(everybody),
    "extensions:ask": Row(sees_assignment, some_assignments, works, works),
    "extensions:detail": Row(sees_extension, extensions),
    "extensions:approve": Row(sees_extension, extensions, nobody, names("commander")),
    "extensions:refuse": Row(sees_extension, extensions, nobody, names("commander")),
    "extensions:withdraw": Row(sees_extension, extensions, nobody, asks_for_time),
    "lights:rule": Row(everybody),
    "lights:put": Row(sees_assignment, some_assignments, names(*RUNS), names(*RUNS)),
    "lights:lift": Row(sees_assignment, some_assignments, nobody, names(*RUNS)),
    "reports:list": Row(everybody),
    "reports:export": Row(everybody, reads=names(*COMMAND)),
    "reports:detail": Row(sees_report, reports),
    "reports:paper": Row(sees_sending, reports),
    "reports:save": Row(sees_report, reports, nobody, writes_report),
    "reports:submit": Row(sees_report, reports, nobody, writes_report),
    "reports:approve": Row(sees_report, reports, nobody, sends_report),
    "reports:send_back": Row(sees_report, reports, nobody, sends_report),
    "reports:take_back": Row(sees_report, reports, nobody, takes_report_back),
    "reports:accept": Row(sees_report, reports, nobody, names("officer")),
    "reports:return_to_agency": Row(sees_report, reports, nobody, names("officer")),
    "reports:reopen": Row(sees_report, reports, nobody, nobody),  # nothing is locked in the world
    "reports:grant": Row(everybody, reads=names(*HEADS), sends=names(*HEADS)),
    "reports:revoke_grant": Row(sees_grant, some_grant, nobody, names("stc_head")),
    **period_rows.ROWS,
    "audit:list": Row(everybody, reads=names(*MENDS)),
    "audit:export": steps_up(*MENDS, form=True),
    "people:list": Row(everybody, reads=names(*KEEPS_PEOPLE)),
    "people:person": Row(sees_person, persons, names(*KEEPS_PEOPLE)),
    "people:invite": steps_up("admin", *AGENCY_HEADS, form=True),
    "people:send": steps_up(*KEEPS_PEOPLE, values=persons),
    "people:unbind": steps_up(*KEEPS_PEOPLE, values=persons),
    "people:revoke": steps_up(*KEEPS_PEOPLE, values=some()),
    "people:lost_factors": steps_up(*MENDS, form=True),
    **{
        f"people:{step}_recovery{rest}": steps_up(*MENDS, values=some())
        for step, rest in (("approve", ""), ("show", "_code"), ("cancel", ""))
    },
    "agency_changes:list": Row(everybody),
    "agency_changes:new": Row(everybody, reads=names(*PREPARES), sends=names(*PREPARES)),
    "agency_changes:detail": Row(sees_change, plans),
    **{
        f"agency_changes:{name}": Row(sees_change, plans, names(*PREPARES), names(*PREPARES))
        for name in ("edit", "successor")
    },
    **{
        f"agency_changes:{name}": Row(sees_change, plans, nobody, names(*PREPARES))
        for name in ("choose", "propose", "discard")
    },
    "agency_changes:take_back": Row(sees_change, plans, nobody, names(*PREPARES, "commander")),
    "agency_changes:confirm": steps_up(*PREPARES, "commander", values=plans),
    "handovers:list": Row(everybody, reads=names("admin")),
    "handovers:new": steps_up("admin", form=True),
    "handovers:undo": steps_up("admin", values=some()),
    "activate": Row(everybody, lambda w: [{"token": "0" * 32}], by_library=True),
    "account_end_session": Row(everybody, some(), by_library=True),
    "factor_remove": Row(everybody, some(), by_library=True),
    "agreements:list": Row(everybody),
    "agreements:register": Row(everybody, reads=names(*COMMAND)),
    "agreements:certificate": Row(everybody, reads=names(*HOLDERS)),
    "agreements:ask_certificate": steps_up(*HOLDERS, form=True),
    "agreements:renew_certificate": steps_up(*HOLDERS, form=True),
    "agreements:forgotten_pin": steps_up(*HOLDERS, form=True),
    "agreements:change_pin": Row(everybody, reads=names(*HOLDERS), sends=names(*HOLDERS)),
    "agreements:withdraw_certificate_request": Row(everybody, reads=nobody, sends=names(*HOLDERS)),
    "agreements:agency_key": Row(everybody, reads=names(*KEEPERS)),
    "agreements:ask_agency_key": steps_up(*KEEPERS, form=True),
    "agreements:renew_agency_key": steps_up(*KEEPERS, form=True),
    "agreements:forgotten_agency_pin": steps_up(*KEEPERS, form=True),
    "agreements:change_agency_pin": Row(everybody, reads=names(*KEEPERS), sends=names(*KEEPERS)),
    "agreements:withdraw_agency_key_request": Row(everybody, reads=nobody, sends=names(*KEEPERS)),
    "agreements:certificate_requests": Row(everybody, reads=names(*RELEASES)),
    "agreements:certificates": Row(everybody, reads=names(*RELEASES)),
    "agreements:certificate_request": Row(sees_request, requests, everybody, names(*RELEASES), steps_up=True),
    "agreements:refuse_certificate": Row(sees_request, requests, nobody, names(*RELEASES)),
    "agreements:held_certificate": Row(sees_certificate, certificates),
    **{
        f"agreements:{name}": Row(sees_certificate, certificates, reads, everybody, steps_up=True)
        for name, reads in (("revoke_certificate", everybody), ("suspend_certificate", nobody))
    },
    "agreements:lift_suspension": Row(nobody, certificates, nobody),  # nothing is suspended in the world
    # Ask who is there before they look, and which there are follows from the people: only words are
    # judged here, who may is asked by tests/who_may.py.
    **{
        f"agreements:{name}": Row(everybody, some(), by_library=True)
        for name in ("token_request", "refuse_token", "end_token", "confirm_paper", "refuse_paper")
    },
    "agreements:token": Row(everybody, reads=names(*HOLDERS)),
    "agreements:register_token": steps_up(*HOLDERS, form=True),
    "agreements:upload": paper(signs, signs),
    "agreements:ticket": paper(nobody, signs),
    "agreements:agent_prepare": Row(everybody, reads=nobody, sends=everybody, by_library=True),
    "agreements:agent_complete": Row(everybody, reads=nobody, sends=everybody, by_library=True),
    "agreements:papers": paper(everybody, names("officer", "clerk")),
    "agreements:paper": Row(nobody, some()),
    "agreements:counterpart": Row(nobody, some()),
    "agreements:freeze": Row(sees_programme, years, nobody, names(*RUNS)),
    "agreements:detail": paper(everybody),
    "agreements:amend": paper(names(*RUNS), names(*RUNS)),
    "agreements:end": paper(names("commander"), names("commander")),
    # There is no draft in the world: each is 404 for everybody. Who may is asked by tests/who_may.py.
    "agreements:amendment": Row(nobody, some()),
    "agreements:amend_duty": Row(nobody, duties, sends=everybody),
    **{
        f"agreements:{name}": Row(nobody, values, nobody, everybody)
        for name, values in (
            ("freeze_amendment", some()),
            ("drop_amendment", some()),
            ("withdraw_duty", duties),
            ("keep_duty", duties),
        )
    },
    "agreements:drifts": paper(names(*COMMAND)),
    "agreements:evidence": paper(has_evidence),
    "agreements:package": paper(everybody),
    "agreements:file": paper(everybody),
    "agreements:page": Row(sees_paper, lambda w: [{**v, "page": 1} for v in papers(w)], everybody),
    "agreements:sign": paper(signs, signs),
    "agreements:sign_for_agency": paper(),  # no document of the world asks for two signatures
    "agreements:signed": paper(everybody),
    "agreements:open": paper(nobody, names(*RUNS)),
    "agreements:withdraw": paper(nobody, names(*RUNS)),
    "agreements:in_force": paper(nobody, names("commander")),
    "agreements:close": paper(nobody, names(*RUNS)),
    "agreements:issue": paper(nobody, names("clerk")),
    "agreements:order": paper(nobody, names(*RUNS)),
    "agreements:go_on": paper(nobody, names("commander")),
    "agreements:end_round": paper(nobody, names("commander")),
    **{f"agreements:{step}": paper(nobody, answers) for step in ("delegate", "take_back")},
    **{f"agreements:{step}": paper(nobody, answers) for step in ("decline", "reconsider")},
    **{f"agreements:{step}": party(names(*RUNS)) for step in ("absent", "present", "urge")},
    "agreements:board": paper(sees_board),
    "agreements:board_tiles": paper(sees_board),
    "agreements:marks": Row(everybody, reads=names(*HOLDERS, "clerk"), sends=names(*HOLDERS, "clerk")),
    "agreements:mark_picture": Row(sees_mark, marks),
    "agreements:withdraw_mark": Row(sees_mark, marks, nobody, names("sxd_head")),
    "agreements:authorisations": Row(everybody, reads=names(*SIGNERS, "officer", "sxd_focal")),
    "agreements:grant_authorisation": Row(
        everybody,
        reads=names(*SIGNERS - {"sxd_deputy"}, "officer"),
        sends=names(*SIGNERS - {"sxd_deputy"}, "officer"),
    ),
    "agreements:authorisation_file": Row(sees_authorisation, authorisations),
    "agreements:revoke_authorisation": Row(
        sees_authorisation, authorisations, names("sxd_head"), names("sxd_head")
    ),
    "agreements:roots": Row(everybody, reads=names("officer", "commander", "admin")),
    "agreements:propose_root": steps_up("admin", form=True),
    "agreements:root": Row(nobody, some()),
    **{
        f"agreements:{name}": Row(nobody, some(), nobody)
        for name in ("enable_root", "refuse_root", "disable_root", "add_root_list")
    },
    **conferring.ROWS,
    **grouping.ROWS,
    **consulting_rows.ROWS,
    **talk_rows.ROWS,
    **rating.ROWS,
    **reviewing.ROWS,
    **year_rows.ROWS,
    **scheme_rows.ROWS,
    **paper_rows.ROWS,
    **urging_rows.ROWS,
    **draft_rows.ROWS,
    **entry_rows.ROWS,
    "authorities": Row(everybody),
    **{
        name: Row(nobody, lambda w: [{"key_id": "0" * 40}])
        for name in ("authority_certificate", "revocation_list")
    },
    "verify": Row(everybody, reads=everybody, sends=everybody),
    "examined": Row(nobody, lambda w: [{"token": "0" * 43}]),
    "notices:list": Row(everybody),
    "notices:open": Row(own_notice, notices, nobody, everybody),
    "notices:read_all": Row(everybody, reads=nobody, sends=everybody),
    "notices:take_on": Row(own_notice, notices, nobody, everybody),
    "notices:preferences": Row(everybody, sends=everybody),
    "notices:make_calendar_link": Row(everybody, reads=nobody, sends=everybody),
    "notices:withdraw_calendar_link": Row(everybody, reads=nobody, sends=everybody),
    "calendar": Row(nobody, lambda w: [{"token": "0" * 43}]),
    "notices:ask_phone": Row(everybody, reads=nobody, sends=everybody),
    "notices:confirm_phone": Row(everybody, reads=nobody, sends=everybody),
    "notices:withdraw_phone": Row(everybody, reads=nobody, sends=everybody),
    "notices:coming": Row(everybody, reads=names("officer", "commander", "admin")),
    "notices:undelivered": Row(everybody, reads=names("admin")),
    "notices:send_again": Row(
        sees_undelivered, lambda w: [{"pk": w.undelivered}, {"pk": MISSING}], nobody, names("admin")
    ),
    "notices:send_all_again": Row(everybody, reads=nobody, sends=names("admin")),
    "notices:mail_list": Row(nobody),
    "notices:mail": Row(nobody, lambda w: [{"key": "0" * 64}]),
    "healthz": Row(everybody, sends=nobody),
    "readyz": Row(everybody, sends=nobody),
    "metrics": Row(everybody, sends=nobody),
    **dict.fromkeys(
        (
            "account_login",
            "account_logout",
            "account_inactive",
            "account_signup",
            "account_reauthenticate",
            "account_change_password",
            "account_set_password",
            "mfa_index",
            "mfa_authenticate",
            "mfa_reauthenticate",
            "login_passkey",
            "login_oidc",
            "login_oidc_callback",
            "account_step_up",
            "account_sessions",
            "account_end_other_sessions",
            "factor_choose",
            "factor_app",
            "factor_key",
            "factor_sheet",
            "factor_keep",
            "factor_spare",
            "set_language",
            "admin/login/",
        ),
        LIBRARY,
    ),
}

ADMINISTRATION = Row(names("admin"), by_library=True)
"""Every page of Django's site; for anybody but an administrator it is 403, there or not."""
