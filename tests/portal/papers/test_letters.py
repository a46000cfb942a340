"""What the paper's font can print."""

import pytest

from portal.papers.letters import PaperError, check_letters, printed

DECOMPOSED = "Ủy ban tỉnh"  # combining marks, as macOS and some keyboards write them


def test_printed_composes_and_collapses_white_space() -> None:
    assert printed(f" {DECOMPOSED}\n\tThanh\u00a0 Hóa ") == "Ủy ban tỉnh Thanh Hóa"


@pytest.mark.parametrize("text", ["Đặng Thị Ngọc Ẩm – “ưỡ” 100% §·±°…", "ß", "Ban\nQuản lý"])
def test_printable_text_passes(text: str) -> None:
    check_letters(text)


@pytest.mark.parametrize(("letter", "code"), [("😀", "1F600"), ("漢", "6F22"), ("\ufe0f", "FE0F")])
def test_letter_missing_from_the_font_is_named(letter: str, code: str) -> None:
    with pytest.raises(PaperError, match=rf"U\+{code}.*Sở lạ"):
        check_letters(f"Sở lạ {letter}")


@pytest.mark.parametrize("letter", ["\u200b", "\u202e", "\u00ad", "\x00", "\ue000"])
def test_invisible_character_is_named_and_not_repeated(letter: str) -> None:
    with pytest.raises(PaperError, match=rf"U\+{ord(letter):04X}") as refusal:
        check_letters(f"Sở{letter} lạ")
    assert letter not in str(refusal.value)


def test_message_repeats_only_the_start_of_a_long_text() -> None:
    with pytest.raises(PaperError) as refusal:
        check_letters("漢" + "a" * 5000)
    assert len(str(refusal.value)) < 200
