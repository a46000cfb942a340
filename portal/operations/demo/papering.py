"""One report of the demonstration that its agency sent on paper, and the records clerk entered."""

import datetime as dt

from portal.files import store
from portal.files.uploads import MEDIA_TYPES
from portal.files.worker.findings import Kind
from portal.lib.dates import local_day
from portal.operations.demo import evidence
from portal.operations.demo.people import Cast
from tasks.models import PaperEntry, Report
from tasks.models.evidence import DECLARATION

AGENCY = "HCCB"


def entry(report: Report, cast: Cast, *, at: dt.datetime) -> PaperEntry:
    """Keep the paper of a report, received on the day it was entered."""
    agency, day = report.agency, local_day(at)
    head = cast.heads[agency.code]
    scan = evidence.make(Kind.PDF, f"{report.period.title} ({agency.code})")
    return PaperEntry.objects.create(
        agency=agency,
        number=f"{20 + report.period.data_to.month}/BC-{agency.symbol or agency.code}",
        issued_on=day,
        subject=f"Kết quả thực hiện Chương trình phối hợp, {report.period.title}",
        signer_name=head.full_name,
        signer_title=agency.block_lines[-1].capitalize(),
        received_on=day,
        file=store.put(scan, media_type=MEDIA_TYPES[Kind.PDF], at=at),
        name=f"Bao cao {agency.code}.pdf",
        entered_by=cast.clerk,
        entered_at=at,
        declaration=DECLARATION,
    )
