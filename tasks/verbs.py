"""What events about programmes and assignments are called; the steps of an assignment speak of progress."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb
from tasks.deadlines import AskedWhen
from tasks.states import AssignmentStatus

_P, _A = Kind.PROGRAMMES, Kind.ASSIGNMENTS

VERBS = {
    "programme.loaded": Verb(_("loaded the programme from a file"), _P),
    "programme.settled": Verb(_("settled the text"), _P),
    "programme.reopened": Verb(_("took the settled text back"), _P),
    "programme.frozen": Verb(_("froze the text for signing"), _P),
    "programme.unfrozen": Verb(_("gave the frozen text back"), _P),
    "programme.brought_into_force": Verb(_("brought the programme into force"), _P),
    "programme.closed": Verb(_("closed the programme"), _P),
    "programme.terminated": Verb(_("terminated the programme"), _P),
    "periods.generated": Verb(_("made the reporting periods"), _P),
    "period.locked": Verb(_("locked the reporting period"), _P),
    "assignment.accepted": Verb(_("accepted the assignment"), _A, is_private=True),
    "assignment.returned": Verb(_("handed the assignment back"), _A, is_private=True),
    "assignment.assigned_again": Verb(_("assigned it again"), _A, is_private=True),
    "assignment.progress_reported": Verb(_("reported progress"), _A, is_private=True),
    "assignment.submitted_to_head": Verb(_("submitted the result to the head"), _A, is_private=True),
    "assignment.submitted": Verb(_("sent the result to the command"), _A, is_private=True),
    "assignment.sent_back": Verb(_("sent the result back to be mended"), _A, is_private=True),
    "assignment.confirmed": Verb(_("confirmed completion"), _A, is_private=True),
    "assignment.rejected": Verb(_("rejected the result"), _A, is_private=True),
    "evidence.added": Verb(_("added a file of evidence"), _A, is_private=True),
    "evidence.withdrawn": Verb(_("withdrew a file of evidence"), _A, is_private=True),
    "extension.requested": Verb(_("asked for more time"), _A, is_private=True),
    "extension.withdrawn": Verb(_("withdrew the request for more time"), _A, is_private=True),
    "extension.approved": Verb(_("extended the deadline"), _A, is_private=True),
    "extension.refused": Verb(_("refused more time"), _A, is_private=True),
    "urging.sent": Verb(_("urged the agency"), _A, is_private=True),
    "urging.noted": Verb(_("noted a call to the agency"), _A, is_private=True),
    "report.drafted": Verb(_("began to write the report"), _A, is_private=True),
    "report.submitted_to_head": Verb(_("submitted the report to the head"), _A, is_private=True),
    "report.taken_back": Verb(_("took the report back from the head"), _A, is_private=True),
    "report.sent_back": Verb(_("sent the report back to be mended"), _A, is_private=True),
    "report.submitted": Verb(_("sent the report to the command"), _A, is_private=True),
    "report.accepted": Verb(_("accepted the report"), _A, is_private=True),
    "report.returned": Verb(_("returned the report to be amended"), _A, is_private=True),
    "report.reopened": Verb(_("opened the locked period for the agency"), _A, is_private=True),
}
DETAILS = {
    "code": Detail(_("code")),
    "codes": Detail(_("codes")),
    "assignment": Detail(_("assignment")),
    "status": Detail(_("status"), dict(AssignmentStatus.choices)),
    "actual": Detail(_("achieved")),
    "percent": Detail(_("progress in percent")),
    "changed": Detail(_("changed rows")),
    "as_of": Detail(_("as of")),
    "period": Detail(_("reporting period")),
    "until": Detail(_("until")),
    "old_on": Detail(_("deadline until now")),
    "new_on": Detail(_("deadline asked for")),
    "granted_on": Detail(_("deadline granted")),
    "asked": Detail(_("asked"), dict(AskedWhen.choices)),
    "level": Detail(_("level")),
    "channel": Detail(_("how")),
    "content_sha256": Detail(_("SHA-256 of the content")),
}
