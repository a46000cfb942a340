"""The names of files: safe on any system, and still saying what they said."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.files.names import LONGEST, clean, extension_of


@pytest.mark.parametrize(
    ("given_name", "cleaned"),
    [
        ("Biên bản họp ngày 15-3 (lần 2).pdf", "Biên bản họp ngày 15-3 (lần 2).pdf"),
        ("Đề án, Ủy ban Mặt trận.docx", "Đề án, Ủy ban Mặt trận.docx"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\a\\Báo cáo.xlsx", "Báo cáo.xlsx"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "ab Set-Cookie_ x.pdf"),
        ("bao-cao\u202efdp.exe", "bao-caofdp.exe"),
        ("\u200bẩn\u200d.pdf", "ẩn.pdf"),
        (unicodedata.normalize("NFD", "Tổng hợp.pdf"), "Tổng hợp.pdf"),
        ("  .pdf", "tai-lieu.pdf"),
        ("", "tai-lieu"),
        ("...", "tai-lieu"),
        ("CON.pdf", "CON_.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("a" * 300 + ".pdf", "a" * (LONGEST - 4) + ".pdf"),
        ("a.tar\u3000gz.pdf", "a.tar gz.pdf"),
    ],
)
def test_name_is_cleaned(given_name, cleaned):
    assert clean(given_name) == cleaned


@given(st.text(max_size=400))
def test_any_name_becomes_a_safe_one(name):
    cleaned = clean(name)
    assert cleaned
    assert len(cleaned) <= LONGEST
    assert not set(cleaned) & set('/\\\x00\r\n<>:"|?*')
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in cleaned)
    assert cleaned == cleaned.strip()
    assert clean(cleaned) == cleaned


@given(st.text("abcđêơưốầẩẫạ ", min_size=1).filter(lambda s: s.strip()), st.sampled_from(["pdf", "DOCX"]))
def test_vietnamese_letters_and_the_extension_stay(stem, extension):
    cleaned = clean(f"{stem}.{extension}")
    assert cleaned == f"{' '.join(stem.split())[: LONGEST - 5]}.{extension}"[: len(cleaned)]
    assert extension_of(cleaned) == extension.lower()
