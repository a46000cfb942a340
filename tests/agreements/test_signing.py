"""The critical section: a document grows by one signature, or not at all."""

from portal.files import store
from tests.agreements.pdf_tools import pdfsig, qpdf_accepts


def test_signature_stands_in_the_file(document, sign, head, tmp_path):
    signature = sign(document, head)
    document.refresh_from_db()
    assert document.head_seq == signature.seq == 1
    signed = store.read(document.head_id)
    assert signed.startswith(store.read(document.frozen_id))
    assert qpdf_accepts(signed, tmp_path)
    assert [seen.field for seen in pdfsig(signed, tmp_path)] == ["CHUNG_THUC", signature.field.name]
