"""The secrecy guard: a marking is found however it is written; words that merely hold the syllable pass."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.files.secrecy import degree_of, first_marking, name_marking

MARKINGS = [
    ("MẬT", "MẬT"),
    ("Mật", "MẬT"),
    ("TỐI MẬT", "TỐI MẬT"),
    ("Tối mật", "TỐI MẬT"),
    ("TUYỆT MẬT", "TUYỆT MẬT"),
    ("M Ậ T", "MẬT"),
    ("T U Y Ệ T   M Ậ T", "TUYỆT MẬT"),
    ("[MẬT]", "MẬT"),
    ("( TỐI  MẬT )", "TỐI MẬT"),
    ("*** MẬT ***", "MẬT"),
    ("| TUYỆT MẬT |", "TUYỆT MẬT"),
    ("Độ mật: Mật", "MẬT"),
    ("Độ mật: mật", "MẬT"),
    ("ĐỘ MẬT – TỐI MẬT", "TỐI MẬT"),
    ("Mức độ mật: tuyệt mật.", "TUYỆT MẬT"),
    ("TOI MAT", "TỐI MẬT"),
    ("TUYET MAT", "TUYỆT MẬT"),
    ("T U Y E T  M A T", "TUYỆT MẬT"),
    ("DO MAT: TOI MAT", "TỐI MẬT"),
    ("M\u200bẬT", "MẬT"),
    (unicodedata.normalize("NFD", "TỐI MẬT"), "TỐI MẬT"),
]
HARMLESS = [
    "Mặt trận Tổ quốc Việt Nam",
    "MẶT TRẬN TỔ QUỐC VIỆT NAM",
    "Luật Bảo vệ bí mật nhà nước",
    "BÍ MẬT NHÀ NƯỚC",
    "mật độ dân số",
    "MẬT ĐỘ",
    "nội dung không mật",
    "KHÔNG MẬT",
    "Độ mật: không",
    "Độ mật",
    "mật",
    "mật ong",
    "MAT",
    "mat",
    "toi mat",
    "Tuyet mat",
    "bảo mật",
    "Không soạn, đăng tài liệu mật",
    "Danh mục: MẬT, TỐI MẬT, TUYỆT MẬT",
    "",
    "-",
]


@pytest.mark.parametrize(("line", "degree"), MARKINGS)
def test_marking_is_found(line, degree):
    assert degree_of(line) == degree
    assert first_marking([f"SỞ XÂY DỰNG\n{line}\nBáo cáo quý"]) == degree


@pytest.mark.parametrize("line", HARMLESS)
def test_harmless_words_pass(line):
    assert degree_of(line) is None
    assert first_marking([f"SỞ XÂY DỰNG\n{line}\nBáo cáo quý"]) is None


@pytest.mark.parametrize(
    "name",
    [
        "BC_TỐI MẬT_2026.pdf",
        "[MẬT] Báo cáo.docx",
        "Báo cáo (Mật).pdf",
        "TUYET_MAT-2026.xlsx",
        "KE HOACH TOI MAT.pdf",
        "Báo cáo TỐI MẬT quý I.pdf",
        "Báo cáo MẬT.pdf",
        "Tuyệt mật.pdf",
    ],
)
def test_marked_name_is_found(name):
    assert name_marking(name)


@pytest.mark.parametrize(
    "name",
    [
        "Luật Bảo vệ bí mật nhà nước.pdf",
        "Bảo vệ bí MẬT nhà nước.pdf",
        "MẬT ĐỘ DÂN CƯ.xlsx",
        "Nội dung không mật.docx",
        "NỘI DUNG KHÔNG MẬT.docx",
        "Mặt trận Tổ quốc_MTTQ.pdf",
        "ban-do-mat-bang.png",
        "MAT_BANG.pdf",
        "mật ong.csv",
        "toi_mat.pdf",
    ],
)
def test_harmless_name_passes(name):
    assert name_marking(name) is None


@given(
    st.sampled_from(["MẬT", "TỐI MẬT", "TUYỆT MẬT", "TOI MAT", "TUYET MAT"]),
    st.integers(0, 3),
    st.text("[]()*-=|_ .:•█\t\u200b", max_size=12),
    st.text("[]()*-=|_ .:•█\t\u200b", max_size=12),
)
def test_boxes_and_spaces_do_not_hide_a_marking(marking, spaces, before, after):
    spread = (" " * spaces).join(marking)
    assert first_marking([f"Sở\n{before}{spread}{after}\nBáo cáo"])


@given(st.text(max_size=200))
def test_any_text_is_judged(text):
    assert first_marking([text]) in {None, "MẬT", "TỐI MẬT", "TUYỆT MẬT"}
    assert name_marking(text) in {None, "MẬT", "TỐI MẬT", "TUYỆT MẬT"}


@given(st.text("abcdeghiklmnopqrstuvxyăâêôơưđạảàáồệ ", min_size=4, max_size=60))
def test_lower_case_sentences_pass(text):
    if {"tốimật", "tuyệtmật"} & {text.replace(" ", "")}:
        return
    assert degree_of(f"Về {text}") is None
