"""Search without diacritics and the Vietnamese dictionary order."""

import random
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from portal.lib.text import filled_lines, fold, in_reader_language, one_line, search_words, sort_key

VIETNAMESE = st.text(
    "aăâbcdđeêghiklmnoôơpqrstuưvxyàảãáạằẳẵắặầẩẫấậđèẻẽéẹờởỡớợừửữứự ĐÊỐ0123456789-", max_size=20
)
IN_ORDER = [
    "09 tháng",
    "10 tháng",
    "An ninh",
    "An toàn",
    "Ba",
    "Bản",  # the tones of a whole text decide last, as in the collation of ICU
    "Ban Dân tộc",
    "Ban Dân vận",
    "Ban Đạo",
    "Công an",
    "Cục Thuế",
    "Dân",
    "Đài Phát thanh",
    "Đảng ủy",
    "Ê",
    "Hội",
    "Ma",
    "Mà",
    "Mả",
    "Mã",
    "Má",
    "Mạ",
    "Ô tô",
    "Ơn",
    "Sở",
    "Sở Tài chính",
    "Sở Tư pháp",
    "Sở Xây dựng",
    "Sở Y tế",
    "Ủy ban",
    "Ưu tiên",
]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đôn đốc", "don doc"),
        ("QUY HOẠCH ĐẤT", "quy hoach dat"),
        ("Ủy  ban\tMặt trận\n", "uy ban mat tran"),
        ("ưỡng ƠỜ", "uong oo"),
        ("Đ", "d"),
        ("1.01", "1.01"),
        ("", ""),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@given(VIETNAMESE)
def test_fold_leaves_ascii_and_is_final(text):
    assert fold(text).isascii()
    assert fold(fold(text)) == fold(text)


@given(VIETNAMESE)
def test_composed_and_decomposed_letters_are_the_same(text):
    decomposed = unicodedata.normalize("NFD", text)
    assert fold(decomposed) == fold(text)
    assert sort_key(decomposed) == sort_key(text)


def test_dictionary_order():
    shuffled = list(IN_ORDER)
    random.Random(7).shuffle(shuffled)
    assert sorted(shuffled, key=sort_key) == IN_ORDER


def test_letters_with_a_sign_are_letters_of_their_own():
    assert sorted(["Ân", "Ăn", "An toàn", "An"], key=sort_key) == ["An", "An toàn", "Ăn", "Ân"]
    assert sorted(["Đa", "Dê", "Da"], key=sort_key) == ["Da", "Dê", "Đa"]


def test_marks_between_words_do_not_count():
    assert sort_key("Sở LĐ-TB&XH") == sort_key("Sở LĐ TB XH")


@given(VIETNAMESE)
def test_key_holds_nothing_that_a_collation_may_skip(text):
    assert set(sort_key(text)) <= set("0123456789ab")


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("collation", ["C", "und-x-icu", "vi-x-icu", "en-US-x-icu"])
def test_every_collation_orders_the_keys_alike(collation):
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT v FROM unnest(%s::text[]) AS v ORDER BY v COLLATE "{collation}"',
            [[sort_key(text) for text in reversed(IN_ORDER)]],
        )
        assert [row[0] for row in cursor.fetchall()] == [sort_key(text) for text in IN_ORDER]


@pytest.mark.parametrize(
    ("language", "english", "shown"),
    [("vi", "Task", "Việc"), ("en", "Task", "Task"), ("en", "", "Việc")],
)
def test_reader_gets_their_language_and_vietnamese_where_english_is_missing(language, english, shown):
    with translation.override(language):
        assert in_reader_language("Việc", english) == shown


def test_filled_lines_have_no_blanks_around_and_are_not_empty():
    assert filled_lines(" TM. BAN THƯỜNG VỤ \r\n\n  CHỦ TỊCH\n ") == ("TM. BAN THƯỜNG VỤ", "CHỦ TỊCH")


def test_words_to_search_are_short_and_printable():
    assert search_words("  Sở\x00Xây\r\ndựng\u202e ") == "Sở Xây dựng"
    assert len(search_words("a" * 500)) == 100


@pytest.mark.parametrize(
    "text", ["Sở Xây dựng", "Nguyễn Thị Ánh", "TM. BAN – “125/QĐ-UBND”", "Sở\u00a0Y tế", ""]
)
def test_a_line_of_text_is_one(text):
    one_line(text)


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\t", "\x00", "\x1b", "\x85", "\u2028", "\u202e", "\u200b"])
def test_what_breaks_a_line_or_turns_it_is_refused(mark):
    with pytest.raises(ValidationError):
        one_line(f"Nguyễn{mark}Bcc: ai@example.vn")
