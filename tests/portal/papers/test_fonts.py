"""The fonts of a signature's appearance: small, complete, never taken for the body's font."""

import re

import pytest
from fontTools.ttLib import TTFont

from portal.papers.letters import FONT_DIR

VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
SIGNS = "–—‘’“”·0123456789.,;:()/-+"
appearances = pytest.mark.parametrize(
    ("name", "source"), [("Appearance", "Tinos-Bold"), ("AppearanceRegular", "Tinos-Regular")]
)


@appearances
def test_appearance_font_has_every_vietnamese_letter(name: str, source: str) -> None:
    with TTFont(FONT_DIR / f"{name}.ttf") as font:
        assert {ord(c) for c in VIETNAMESE + VIETNAMESE.upper() + SIGNS} <= font.getBestCmap().keys()


@appearances
def test_appearance_font_has_outlines_and_nothing_slow(name: str, source: str) -> None:
    with TTFont(FONT_DIR / f"{name}.ttf") as font:
        assert "glyf" in font
        assert not {"GSUB", "GPOS", "GDEF", "fpgm", "prep", "cvt ", "DSIG"} & set(font.keys())
    assert (FONT_DIR / f"{name}.ttf").stat().st_size < 30_000


@appearances
def test_appearance_font_draws_the_same_widths_as_its_source(name: str, source: str) -> None:
    with TTFont(FONT_DIR / f"{name}.ttf") as small, TTFont(FONT_DIR / f"{source}.ttf") as full:
        for code, glyph in small.getBestCmap().items():
            assert small["hmtx"][glyph][0] == full["hmtx"][full.getBestCmap()[code]][0]


@appearances
def test_appearance_font_is_not_named_like_the_body_font(name: str, source: str) -> None:
    with TTFont(FONT_DIR / f"{name}.ttf") as font:
        assert font["name"].getDebugName(1) == "Tinos Appearance"


def test_readme_makes_the_appearance_fonts_byte_for_byte(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    for source in FONT_DIR.glob("Tinos-*.ttf"):
        (tmp_path / source.name).symlink_to(source)
    recipe = re.search(r"```python\n(.*?)```", (FONT_DIR / "README.md").read_text(), re.DOTALL)
    assert recipe
    exec(recipe[1], {})
    for name in ("Appearance.ttf", "AppearanceRegular.ttf"):
        assert (tmp_path / name).read_bytes() == (FONT_DIR / name).read_bytes()
