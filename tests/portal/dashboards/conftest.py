"""What several tests of pages share."""

import pytest

from agreements.models import Document, SignatureField
from agreements.states import DocumentState
from portal.files.models import StoredFile
from tests.factories import NOW, TODAY


@pytest.fixture
def open_round(programme, commander, department):
    """A round of the programme with a field for the department, in rows alone."""
    file = StoredFile.objects.create(sha256="0" * 64, size=1, media_type="application/pdf", stored_at=NOW)
    document = Document.objects.create(
        programme=programme, title="Chương trình", symbol="CTr", page_count=1, frozen_at=NOW, frozen=file,
        head=file, closes_on=TODAY, state=DocumentState.SIGNING,
    )  # fmt: skip
    SignatureField.objects.create(
        document=document, agency=department, name="KY_001", order=1, page=1, x=1, y=1, width=1, height=1,
        agency_name="Sở Xây dựng", signature_block="GIÁM ĐỐC",
    )  # fmt: skip
    return document
