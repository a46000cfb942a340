"""What events about programmes and assignments are called; the steps of an assignment speak of progress."""

from django.utils.translation import gettext_lazy as _

from portal.audit.verbs import Detail, Kind, Verb
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
    "report.drafted": Verb(_("began to write the report"), _A, is_private=True),
    "report.submitted_to_head": Verb(_("submitted the report to the head"), _A, is_private=True),
    "report.taken_back": Verb(_("took the report back from the head"), _A, is_private=True),
    "report.sent_back": Verb(_("sent the report back to be mended"), _A, is_private=True),
    "report.submitted": Verb(_("sent the report to the command"), _A, is_private=True),
    "report.accepted": Verb(_("accepted the report"), _A, is_private=True),
    "report.returned": Verb(_("returned the report to be amended"), _A, is_private=True),
    "report.reopened": Verb(_("opened the locked period for the agency"), _A, is_private=True),
    "sending.granted": Verb(_("let the focal points send without approval"), _A),
    "sending.revoked": Verb(_("took the leave to send back"), _A),
    "consolidation.drafted": Verb(_("consolidated the reports"), _P, is_private=True),
    "consolidation.edited": Verb(_("began to edit the consolidated report"), _P, is_private=True),
    "consolidation.refreshed": Verb(_("gathered the reports anew"), _P, is_private=True),
    "consolidation.frozen": Verb(_("froze the consolidated report"), _P, is_private=True),
    "consolidation.paragraph_added": Verb(_("added paragraphs of their own"), _P, is_private=True),
    "consolidation.numbered": Verb(_("noted the report's number and date"), _P, is_private=True),
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
    "valid_until": Detail(_("valid until")),
    "by_grant": Detail(_("sent by the head's leave of")),
    "sent": Detail(_("reports sent")),
    "silent": Detail(_("agencies that have not reported")),
    "silent_agencies": Detail(_("agencies that have not reported")),
    "content_sha256": Detail(_("SHA-256 of the content")),
}
