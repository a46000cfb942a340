"""Papers that assignments cite, for the demonstration: made up, like everything in it."""

import datetime as dt

from tasks.models import Evidence, ProductDocument, Programme, SourceDocument

EVERY = 4
"""One assignment in so many was given out by a paper of its own."""


def write(programme: Programme) -> None:
    """Give some assignments a source of their own, and each lead's first file its product document."""
    year, host = programme.year, programme.host.code
    rows = list(programme.assignments.order_by("code"))[::EVERY]
    SourceDocument.objects.bulk_create(
        SourceDocument(
            assignment=row,
            number=f"{place}/KH-{host}",
            issued_on=dt.date(year, 1, 8),
            subject=f"Kế hoạch phối hợp công tác quốc phòng năm {year}",
            clause=f"Mục II, điểm {place}",
        )
        for place, row in enumerate(rows, 1)
    )
    files = Evidence.objects.filter(assignment__programme=programme, name__endswith=".pdf")
    ProductDocument.objects.bulk_create(
        ProductDocument(
            assignment=file.assignment,
            number=f"{100 + place}/BC-{file.agency.code}",
            issued_on=file.uploaded_at.date(),
            subject=f"Báo cáo kết quả nhiệm vụ {file.assignment.code}",
            evidence=file,
            named_by=file.uploaded_by,
            named_at=file.uploaded_at,
        )
        for place, file in enumerate(files.select_related("assignment", "agency", "uploaded_by"))
        if file.agency_id == file.assignment.lead_id
    )
