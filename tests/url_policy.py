"""Who may open every address, and with which methods. An address that is not here fails the suite.

`who` is what the address itself asks. Which rows a person then sees is asked of `access.visible_*`,
and what they may change of the action: those have tests of their own.
"""

from portal.users.models import Role
from tests.url_roles import (
    ADMINISTRATOR,
    ANYONE,
    CHANGE,
    COMMAND,
    FORM,
    HEADS,
    KEEPERS,
    KEEPS_PEOPLE,
    MENDS_FACTORS,
    PREPARES_CHANGES,
    READ,
    RELEASERS,
    REPORTS_READERS,
    SIGNED_IN,
    SIGNERS,
    TRAIL_READERS,
    Policy,
)


def _names(app: str, names: str) -> tuple[str, ...]:
    return tuple(f"{app}:{name}" for name in names.split())


MEETINGS_READ = _names(
    "conferences",
    "list detail agency letter delegates export door minutes minutes_paper "
    "briefing briefing_paper briefing_notice",
) + _names("groups", "list detail item")
MEETINGS_FORM = _names("conferences", "new edit attendance arrive conclusions write_minutes") + _names(
    "groups", "add edit"
)
MEETINGS_CHANGE = _names(
    "conferences",
    "invite call_off hold name excuse contribute agree withdraw_delegate take_back assign drop put_in_plan "
    "freeze_minutes reopen_minutes sign_minutes",
) + _names("groups", "admit release end report drop")
LIBRARY_FORM = Policy(SIGNED_IN, FORM, by_library=True)

POLICY = {
    # Dashboards
    "home": Policy(SIGNED_IN, READ),
    "styleguide": Policy(SIGNED_IN, READ, demo_only=True),
    "programmes:list": Policy(SIGNED_IN, READ),
    "programmes:detail": Policy(SIGNED_IN, READ),
    "programmes:settle": Policy(SIGNED_IN, CHANGE),
    "programmes:reopen": Policy(SIGNED_IN, CHANGE),
    "programmes:close": Policy(SIGNED_IN, CHANGE),
    "programmes:terminate": Policy(SIGNED_IN, CHANGE),
    "programmes:make_periods": Policy(SIGNED_IN, CHANGE),
    "agencies:detail": Policy(SIGNED_IN, READ),
    # The turn of the year
    "years:begin": Policy(RELEASERS, FORM),
    "years:points": Policy(SIGNED_IN, READ),
    **{
        f"years:{name}": Policy(SIGNED_IN, CHANGE)
        for name in ("agencies", "days", "mark", "drop_basis", "cite", "rewrite", "take_back")
    },
    "years:unfinished": Policy(SIGNED_IN, FORM),
    "programmes:review": Policy(SIGNED_IN, READ),
    "shortcomings:list": Policy(COMMAND, READ),
    "shortcomings:detail": Policy(SIGNED_IN, READ),
    "shortcomings:note": Policy(SIGNED_IN, FORM),
    **{f"shortcomings:{name}": Policy(SIGNED_IN, CHANGE) for name in ("answer", "leave", "review")},
    "proposals:list": Policy(SIGNED_IN - {Role.VIEWER, Role.ADMINISTRATOR}, READ),
    "proposals:gather": Policy(SIGNED_IN, CHANGE),
    "proposals:decide": Policy(SIGNED_IN, CHANGE),
    # Documents of the year, schemes of several years
    **{f"papers:{name}": Policy(SIGNED_IN, READ) for name in ("list", "detail", "file")},
    **dict.fromkeys(("papers:new", "papers:amend", "schemes:amend"), Policy(SIGNED_IN, FORM)),
    **{f"papers:{name}": Policy(SIGNED_IN, CHANGE) for name in ("put", "strike", "recall")},
    **{f"schemes:{name}": Policy(REPORTS_READERS, READ) for name in ("list", "export")},
    "schemes:new": Policy(RELEASERS, FORM),
    **dict.fromkeys(("schemes:detail", "schemes:milestone"), Policy(SIGNED_IN, READ)),
    **{f"schemes:{name}": Policy(SIGNED_IN, CHANGE) for name in ("end", "plan", "change", "tie", "untie")},
    **{
        f"schemes:{n}": Policy(SIGNED_IN, CHANGE) for n in ("draft", "report", "confirm", "send_back", "drop")
    },
    "audit:list": Policy(TRAIL_READERS, READ),
    "audit:export": Policy(TRAIL_READERS, FORM),
    # Assignments
    "assignments:list": Policy(SIGNED_IN, READ),
    "assignments:export": Policy(SIGNED_IN, READ),
    "assignments:detail": Policy(SIGNED_IN, READ),
    "assignments:history": Policy(SIGNED_IN, READ),
    "assignments:accept": Policy(SIGNED_IN, CHANGE),
    "assignments:return_to_command": Policy(SIGNED_IN, CHANGE),
    "assignments:report_progress": Policy(SIGNED_IN, CHANGE),
    "assignments:submit_to_head": Policy(SIGNED_IN, CHANGE),
    "assignments:approve": Policy(SIGNED_IN, CHANGE),
    "assignments:send_back": Policy(SIGNED_IN, CHANGE),
    "assignments:confirm": Policy(SIGNED_IN, CHANGE),
    "assignments:reject": Policy(SIGNED_IN, CHANGE),
    "assignments:assign_again": Policy(SIGNED_IN, CHANGE),
    "assignments:cancel": Policy(SIGNED_IN, CHANGE),
    **dict.fromkeys(("assignments:suspend", "assignments:resume"), Policy(SIGNED_IN, CHANGE)),
    "assignments:source": Policy(SIGNED_IN, FORM),
    "assignments:name_product": Policy(SIGNED_IN, CHANGE),
    "assignments:drop_product": Policy(SIGNED_IN, CHANGE),
    "assignments:add_evidence": Policy(SIGNED_IN, CHANGE),
    "assignments:evidence": Policy(SIGNED_IN, READ),
    **{f"assignments:{name}_evidence": Policy(SIGNED_IN, FORM) for name in ("withdraw", "recall")},
    **{f"paper_entries:{name}": Policy(SIGNED_IN, FORM) for name in ("report", "assignment", "recall")},
    "paper_entries:scan": Policy(SIGNED_IN, READ),
    # Indicators
    **{
        f"indicators:{name}": Policy(SIGNED_IN, READ)
        for name in ("list", "export", "joint", "detail", "export_parts")
    },
    **{
        f"indicators:{name}": Policy(SIGNED_IN, FORM) for name in ("define", "distribute", "enter", "correct")
    },
    "indicators:settle": Policy(SIGNED_IN, CHANGE),
    "indicators:reopen": Policy(SIGNED_IN, CHANGE),
    # Extensions
    "extensions:list": Policy(SIGNED_IN, READ),
    "extensions:export": Policy(SIGNED_IN, READ),
    "extensions:ask": Policy(SIGNED_IN, FORM),
    "extensions:detail": Policy(SIGNED_IN, READ),
    **{f"extensions:{name}": Policy(SIGNED_IN, CHANGE) for name in ("approve", "refuse", "withdraw")},
    # Conversations
    **{f"comments:{kind}": Policy(SIGNED_IN, FORM) for kind in ("assignment", "clause", "report")},
    "comments:edit": Policy(SIGNED_IN, FORM),
    "comments:delete": Policy(SIGNED_IN, CHANGE),
    # Cooperation
    "cooperations:detail": Policy(SIGNED_IN, READ),
    **{
        f"cooperations:{name}": Policy(SIGNED_IN, CHANGE)
        for name in ("ask", "report", "approve", "send_back", "rate")
    },
    # Lights
    "lights:rule": Policy(SIGNED_IN, READ),
    "lights:put": Policy(SIGNED_IN, FORM),
    "lights:lift": Policy(SIGNED_IN, CHANGE),
    # Urging
    "urgings:assignment": Policy(RELEASERS, FORM),
    "urgings:report": Policy(RELEASERS, FORM),
    "urgings:contacts": Policy(RELEASERS, READ),
    "urgings:contact": Policy(RELEASERS, READ),
    "urgings:several": Policy(RELEASERS, CHANGE),
    "urgings:write_letter": Policy(RELEASERS, FORM),
    "urgings:letters": Policy(SIGNED_IN, READ),
    "urgings:letter": Policy(SIGNED_IN, READ),
    "urgings:letter_paper": Policy(SIGNED_IN, READ),
    "urgings:issue_letter": Policy(SIGNED_IN, CHANGE),
    "urgings:discard_letter": Policy(SIGNED_IN, CHANGE),
    # A draft's assignments
    **{f"drafting:{name}": Policy(RELEASERS, READ) for name in ("board", "template")},
    **{f"drafting:{name}": Policy(RELEASERS, FORM) for name in ("add", "import")},
    "drafting:change": Policy(RELEASERS, CHANGE),
    "drafting:sheet": Policy(SIGNED_IN, READ),
    "drafting:load": Policy(SIGNED_IN, CHANGE),
    "drafting:discard": Policy(SIGNED_IN, CHANGE),
    # Periodic reports
    "reports:list": Policy(SIGNED_IN, READ),
    "reports:export": Policy(COMMAND, READ),
    "reports:detail": Policy(SIGNED_IN, READ),
    "reports:paper": Policy(SIGNED_IN, READ),
    **{
        f"reports:{name}": Policy(SIGNED_IN, CHANGE)
        for name in ("save", "submit", "approve", "send_back", "take_back", "accept", "return_to_agency")
    },
    "reports:reopen": Policy(SIGNED_IN, CHANGE),
    "reports:grant": Policy(HEADS, FORM),
    "reports:revoke_grant": Policy(SIGNED_IN, CHANGE),
    "reports:period": Policy(SIGNED_IN, READ),
    "reports:lock_period": Policy(SIGNED_IN, CHANGE),
    # Consolidated reports
    **{
        f"ratings:{name}": Policy(SIGNED_IN, READ)
        for name in (
            *("list", "detail", "rewards", "export_rewards", "reward_paper", "export", "paper", "sheet"),
        )
    },
    **{
        f"ratings:{name}": Policy(SIGNED_IN, FORM)
        for name in ("criteria", "propose", "support", "score", "verify")
    },
    **{
        f"ratings:{name}": Policy(SIGNED_IN, CHANGE)
        for name in (
            *("prepare", "publish", "announce", "give_back", "approve", "submit", "send", "send_back"),
            *("prove", "drop_proof", "ask_again", "answer"),
        )
    },
    **{f"consolidations:{name}": Policy(SIGNED_IN, READ) for name in ("detail", "paper", "part")},
    "reviews:list": Policy(SIGNED_IN - ADMINISTRATOR, READ),
    **{f"reviews:{name}": Policy(SIGNED_IN, READ) for name in ("detail", "compare", "paper")},
    "reviews:section": Policy(SIGNED_IN, READ),
    **{
        f"{app}:{name}": Policy(SIGNED_IN, CHANGE)
        for app, more in (("consolidations", ()), ("reviews", ("address", "approve", "give_back")))
        for name in ("draft", "save", "add", "refresh", "freeze", "number", *more)
    },
    # Agreements
    # Draft versions and consultations
    **{
        f"consultations:{name}": Policy(SIGNED_IN, READ)
        for name in ("list", "versions", "compare", "detail", "table", "export", "paper")
    },
    "consultations:respond": Policy(SIGNED_IN, FORM),
    **{
        f"consultations:{name}": Policy(SIGNED_IN, CHANGE)
        for name in ("take", "open", "comment", "remove", "submit", "approve", "send_back", "take_back")
    },
    "consultations:withdraw": Policy(SIGNED_IN, CHANGE),
    "consultations:close": Policy(SIGNED_IN, CHANGE),
    "consultations:extend": Policy(SIGNED_IN, CHANGE),
    "agreements:list": Policy(SIGNED_IN, READ),
    "agreements:register": Policy(COMMAND, READ),
    "agreements:drifts": Policy(SIGNED_IN, READ),
    "agreements:evidence": Policy(SIGNED_IN, READ),
    "agreements:package": Policy(SIGNED_IN, READ),
    "agreements:amend": Policy(SIGNED_IN, FORM),
    "agreements:amendment": Policy(SIGNED_IN, READ),
    "agreements:amend_duty": Policy(SIGNED_IN, FORM),
    "agreements:withdraw_duty": Policy(SIGNED_IN, CHANGE),
    "agreements:keep_duty": Policy(SIGNED_IN, CHANGE),
    "agreements:freeze_amendment": Policy(SIGNED_IN, CHANGE),
    "agreements:drop_amendment": Policy(SIGNED_IN, CHANGE),
    "agreements:end": Policy(SIGNED_IN, FORM),
    "agreements:detail": Policy(SIGNED_IN, READ),
    "agreements:file": Policy(SIGNED_IN, READ),
    "agreements:page": Policy(SIGNED_IN, READ),
    "agreements:certificate": Policy(SIGNERS, READ),
    "agreements:ask_certificate": Policy(SIGNERS, FORM),
    "agreements:renew_certificate": Policy(SIGNERS, FORM),
    "agreements:forgotten_pin": Policy(SIGNERS, FORM),
    "agreements:change_pin": Policy(SIGNERS, FORM),
    "agreements:withdraw_certificate_request": Policy(SIGNERS, CHANGE),
    "agreements:agency_key": Policy(KEEPERS, READ),
    "agreements:ask_agency_key": Policy(KEEPERS, FORM),
    "agreements:renew_agency_key": Policy(KEEPERS, FORM),
    "agreements:forgotten_agency_pin": Policy(KEEPERS, FORM),
    "agreements:change_agency_pin": Policy(KEEPERS, FORM),
    "agreements:withdraw_agency_key_request": Policy(KEEPERS, CHANGE),
    "agreements:certificate_requests": Policy(RELEASERS, READ),
    "agreements:certificate_request": Policy(SIGNED_IN, FORM),
    "agreements:refuse_certificate": Policy(SIGNED_IN, CHANGE),
    "agreements:certificates": Policy(RELEASERS, READ),
    "agreements:held_certificate": Policy(SIGNED_IN, READ),
    "agreements:suspend_certificate": Policy(SIGNED_IN, CHANGE),
    "agreements:lift_suspension": Policy(SIGNED_IN, CHANGE),
    "agreements:revoke_certificate": Policy(SIGNED_IN, FORM),
    "agreements:token": Policy(SIGNERS, READ),
    "agreements:register_token": Policy(SIGNERS, FORM),
    "agreements:token_request": Policy(SIGNED_IN, FORM),
    "agreements:refuse_token": Policy(SIGNED_IN, CHANGE),
    "agreements:end_token": Policy(SIGNED_IN, CHANGE),
    "agreements:upload": Policy(SIGNED_IN, FORM),
    "agreements:counterpart": Policy(SIGNED_IN, READ),
    "agreements:ticket": Policy(SIGNED_IN, CHANGE),
    "agreements:agent_prepare": Policy(ANYONE, CHANGE),  # the ticket itself is asked
    "agreements:agent_complete": Policy(ANYONE, CHANGE),
    "agreements:papers": Policy(SIGNED_IN, FORM),
    "agreements:paper": Policy(SIGNED_IN, READ),
    "agreements:confirm_paper": Policy(SIGNED_IN, CHANGE),
    "agreements:refuse_paper": Policy(SIGNED_IN, CHANGE),
    "agreements:sign": Policy(SIGNED_IN, FORM),
    "agreements:sign_for_agency": Policy(SIGNED_IN, FORM),
    "agreements:signed": Policy(SIGNED_IN, READ),
    "agreements:freeze": Policy(SIGNED_IN, CHANGE),
    "agreements:open": Policy(SIGNED_IN, CHANGE),
    "agreements:withdraw": Policy(SIGNED_IN, CHANGE),
    "agreements:in_force": Policy(SIGNED_IN, CHANGE),
    "agreements:close": Policy(SIGNED_IN, CHANGE),
    "agreements:issue": Policy(SIGNED_IN, CHANGE),
    **dict.fromkeys(
        (f"agreements:{name}" for name in ("order", "go_on", "end_round", "absent", "present", "urge")),
        Policy(SIGNED_IN, CHANGE),
    ),
    **dict.fromkeys(
        (f"agreements:{name}" for name in ("delegate", "take_back", "decline", "reconsider")),
        Policy(SIGNED_IN, CHANGE),
    ),
    "agreements:board": Policy(SIGNED_IN, READ),
    "agreements:board_tiles": Policy(SIGNED_IN, READ),
    "agreements:marks": Policy(SIGNERS | {Role.RECORDS_CLERK}, FORM),
    "agreements:mark_picture": Policy(SIGNED_IN, READ),
    "agreements:withdraw_mark": Policy(SIGNED_IN, CHANGE),
    "agreements:authorisations": Policy(SIGNERS | RELEASERS, READ),
    "agreements:grant_authorisation": Policy(SIGNERS - {Role.DEPUTY_HEAD} | RELEASERS, FORM),
    "agreements:authorisation_file": Policy(SIGNED_IN, READ),
    "agreements:revoke_authorisation": Policy(SIGNED_IN, FORM),
    "groups:new": Policy(RELEASERS, FORM),
    **{name: Policy(SIGNED_IN, READ) for name in MEETINGS_READ},
    **{name: Policy(SIGNED_IN, FORM) for name in MEETINGS_FORM},
    **{name: Policy(SIGNED_IN, CHANGE) for name in MEETINGS_CHANGE},
    "verify": Policy(ANYONE, FORM),
    "examined": Policy(ANYONE, READ),  # whoever has the token
    "agreements:roots": Policy(TRAIL_READERS, READ),
    "agreements:propose_root": Policy(ADMINISTRATOR, FORM),
    "agreements:root": Policy(SIGNED_IN, READ),
    **{f"agreements:{name}": Policy(SIGNED_IN, CHANGE) for name in ("enable_root", "refuse_root")},
    **{f"agreements:{name}": Policy(SIGNED_IN, CHANGE) for name in ("disable_root", "add_root_list")},
    "authorities": Policy(ANYONE, READ),
    "authority_certificate": Policy(ANYONE, READ),
    "revocation_list": Policy(ANYONE, READ),
    # Notices
    "notices:list": Policy(SIGNED_IN, READ),
    "notices:open": Policy(SIGNED_IN, CHANGE),
    "notices:read_all": Policy(SIGNED_IN, CHANGE),
    "notices:take_on": Policy(SIGNED_IN, CHANGE),
    "notices:preferences": Policy(SIGNED_IN, FORM),
    "notices:make_calendar_link": Policy(SIGNED_IN, FORM),
    "notices:withdraw_calendar_link": Policy(SIGNED_IN, CHANGE),
    "calendar": Policy(ANYONE, READ),  # whoever has the token
    "notices:ask_phone": Policy(SIGNED_IN, CHANGE),
    "notices:confirm_phone": Policy(SIGNED_IN, CHANGE),
    "notices:withdraw_phone": Policy(SIGNED_IN, CHANGE),
    "notices:coming": Policy(TRAIL_READERS, READ),
    "notices:undelivered": Policy(ADMINISTRATOR, READ),
    "notices:send_again": Policy(SIGNED_IN, CHANGE),
    "notices:send_all_again": Policy(ADMINISTRATOR, CHANGE),
    "notices:mail_list": Policy(SIGNED_IN, READ, demo_only=True),
    "notices:mail": Policy(SIGNED_IN, READ, demo_only=True),
    # People: who they are, how they come in, and in again
    "people:list": Policy(KEEPS_PEOPLE, READ),
    "people:invite": Policy(frozenset({Role.ADMINISTRATOR, Role.AGENCY_HEAD}), FORM),
    "people:person": Policy(KEEPS_PEOPLE, READ),
    "people:send": Policy(KEEPS_PEOPLE, CHANGE),
    "people:revoke": Policy(KEEPS_PEOPLE, CHANGE),
    "people:unbind": Policy(KEEPS_PEOPLE, CHANGE),
    "people:lost_factors": Policy(MENDS_FACTORS, FORM),
    "people:approve_recovery": Policy(MENDS_FACTORS, CHANGE),
    "people:show_recovery_code": Policy(MENDS_FACTORS, CHANGE),
    "people:cancel_recovery": Policy(MENDS_FACTORS, CHANGE),
    # Changes of agencies
    "agency_changes:list": Policy(SIGNED_IN, READ),
    "agency_changes:new": Policy(PREPARES_CHANGES, FORM),
    "agency_changes:detail": Policy(SIGNED_IN, READ),
    **{f"agency_changes:{name}": Policy(PREPARES_CHANGES, FORM) for name in ("edit", "successor")},
    "agency_changes:choose": Policy(PREPARES_CHANGES, CHANGE),
    "agency_changes:propose": Policy(PREPARES_CHANGES, CHANGE),
    "agency_changes:take_back": Policy(MENDS_FACTORS, CHANGE),
    "agency_changes:discard": Policy(PREPARES_CHANGES, CHANGE),
    "agency_changes:confirm": Policy(MENDS_FACTORS, CHANGE),
    "handovers:list": Policy(ADMINISTRATOR, READ),
    "handovers:new": Policy(ADMINISTRATOR, FORM),
    "handovers:undo": Policy(ADMINISTRATOR, CHANGE),
    "activate": Policy(ANYONE, FORM),  # the link itself is asked
    "factor_keep": Policy(SIGNED_IN, CHANGE),
    # Operations
    "healthz": Policy(ANYONE, READ),
    "readyz": Policy(ANYONE, READ),
    "metrics": Policy(ANYONE, READ),
    # Signing in
    "account_login": Policy(ANYONE, FORM, by_library=True),
    "login_passkey": Policy(ANYONE, FORM),
    "login_oidc": Policy(ANYONE, CHANGE),
    "login_oidc_callback": Policy(ANYONE, READ),
    "account_logout": Policy(ANYONE, FORM, by_library=True),
    "account_inactive": Policy(ANYONE, READ, by_library=True),
    "account_signup": LIBRARY_FORM,  # leads to the login; accounts are given
    "account_reauthenticate": LIBRARY_FORM,
    "account_change_password": LIBRARY_FORM,
    "account_set_password": Policy(SIGNED_IN, READ),
    "mfa_index": Policy(SIGNED_IN, READ),
    "account_step_up": Policy(SIGNED_IN, FORM),
    "account_sessions": Policy(SIGNED_IN, READ),
    "account_end_session": Policy(SIGNED_IN, CHANGE),
    "account_end_other_sessions": Policy(SIGNED_IN, CHANGE),
    "mfa_authenticate": Policy(ANYONE, FORM, by_library=True),  # between password and session
    "mfa_reauthenticate": LIBRARY_FORM,
    "factor_choose": Policy(SIGNED_IN, READ),
    "factor_app": Policy(SIGNED_IN, FORM),
    "factor_key": Policy(SIGNED_IN, FORM),
    "factor_sheet": Policy(SIGNED_IN, FORM),
    "factor_spare": Policy(SIGNED_IN, READ),
    "factor_remove": Policy(SIGNED_IN, FORM),
    "set_language": Policy(ANYONE, CHANGE, by_library=True),
    # The administration: Django's site asks for the role on each of its pages
    "admin/login/": Policy(SIGNED_IN, FORM, by_library=True),
    "admin:": Policy(ADMINISTRATOR, FORM, by_library=True),
}
