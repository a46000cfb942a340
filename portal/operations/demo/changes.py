"""A change of agencies that the officer has begun to prepare: the reorganisation that lies ahead."""

import datetime as dt

from portal.agencies.models import AgencyChange
from portal.lib.dates import local_day
from portal.operations.demo.people import Cast
from tasks import changes
from tasks.changes import Facts

REFERENCE = "CH07"
"""Two departments become one of the same name, and part of their work goes to four others."""


def write(cast: Cast, *, at: dt.datetime) -> None:
    """Leave it as a draft, with everything still to be chosen."""
    row = AgencyChange.objects.get(reference=REFERENCE)
    columns = {
        "kind": row.kind,
        "effective_on": row.effective_on,
        "title_vi": row.title_vi,
        "title_en": row.title_en,
        "legal_document": "45/ĐA-UBND",
        "document_on": local_day(at) - dt.timedelta(days=30),
        "document_subject": "Sắp xếp tổ chức bộ máy các cơ quan chuyên môn (minh họa)",
    }
    successors = [part.agency for part in row.succession_set.select_related("agency").order_by("pk")]
    facts = Facts(columns, tuple(row.predecessors.all()), tuple(successors), REFERENCE)
    changes.prepare(facts, by=cast.officer, at=at)
