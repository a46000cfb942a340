"""Take the pictures of docs/screenshots from a demonstration built for them: `make screenshots`.

Names say what is shown and how wide the screen is. Colours are reduced to a palette, so that all
pictures together stay small.
"""

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import demo, steps
from tests.browser.demo import BASE, YEAR, Demo
from tests.servers import CHROMIUM

FOLDER = BASE / "docs" / "screenshots"
TALLEST = {1366: 1000, 360: 1100}
"""Pixels of a page that are shown, by the width of the screen."""

MOST_BYTES = 4 * 1024 * 1024  # all pictures together
COLOURS = 256
NOBODY = ""


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it."""

    name: str
    username: str
    path: str
    width: int = 1366
    dark: bool = False

    @property
    def file(self) -> Path:
        return FOLDER / f"{self.name}-{self.width}.png"


OFFICER, HEAD, FOCAL_POINT, ADMIN = "bchqs.troly", "snv.gd", "snv.daumoi", "quantri"
PICTURES = (
    Picture("login", NOBODY, "/login/"),
    Picture("login", NOBODY, "/login/", width=360),
    Picture("verify", NOBODY, "/verify/"),
    Picture("home-officer", OFFICER, "/"),
    Picture("home-officer-dark", OFFICER, "/", dark=True),
    Picture("programmes", OFFICER, "/programmes/"),
    Picture("programme", OFFICER, f"/programmes/{YEAR}/"),
    Picture("assignments", OFFICER, "/assignments/"),
    Picture("assignment-to-confirm", OFFICER, "/assignments/6/"),
    Picture("agency", OFFICER, "/agencies/STC/"),
    Picture("agreements", OFFICER, "/agreements/"),
    Picture("agreement", OFFICER, "/agreements/3/"),
    Picture("notices", HEAD, "/notices/"),
    Picture("home-head", HEAD, "/"),
    Picture("home-head", HEAD, "/", width=360),
    Picture("assignment-to-approve", HEAD, "/assignments/25/", width=360),
    Picture("signing-room", HEAD, "/agreements/3/sign/"),
    Picture("signing-room", HEAD, "/agreements/3/sign/", width=360),
    Picture("signed", HEAD, "/agreements/1/signed/"),
    Picture("second-factor", HEAD, "/account/second-factor/"),
    Picture("home-focal-point", FOCAL_POINT, "/"),
    Picture("home-focal-point", FOCAL_POINT, "/", width=360),
    Picture("assignment-to-accept", FOCAL_POINT, "/assignments/26/"),
    Picture("assignments", FOCAL_POINT, "/assignments/", width=360),
    Picture("home-commander", "bchqs.cht", "/"),
    Picture("home-administrator", ADMIN, "/"),
    Picture("admin", ADMIN, "/admin/"),
    Picture("admin-programme", ADMIN, "/admin/tasks/programme/1/change/"),
)


def main() -> None:
    """Build, serve, take every picture anew, and see that they stay small."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        demo.served(demo.build(Path(scratch) / "var", None)) as there,
    ):
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        with sync_playwright() as playwright:
            options = {"executable_path": CHROMIUM.find(), "args": ["--no-sandbox"]}
            browser = playwright.chromium.launch(**options)
            for username, pictures in groupby(PICTURES, key=lambda picture: picture.username):
                _take(browser, there, username, list(pictures))
    total = sum(file.stat().st_size for file in FOLDER.iterdir())
    print(f"{len(PICTURES)} pictures, {total / 1024:.0f} KB")
    assert total <= MOST_BYTES, "too large: show less, or fewer colours"


def _take(browser: Browser, there: Demo, username: str, pictures: list[Picture]) -> None:
    """Take the pictures of one person's pages in one session."""
    with _page(browser, there) as page:
        if username:
            steps.sign_in(page, username)
        for picture in pictures:
            page.emulate_media(color_scheme="dark" if picture.dark else "light", reduced_motion="reduce")
            page.set_viewport_size({"width": picture.width, "height": 768})
            page.goto(picture.path, wait_until="networkidle")
            height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST[picture.width])
            clip = {"x": 0, "y": 0, "width": picture.width, "height": height}
            _save(page.screenshot(full_page=True, clip=clip), picture.file)


@contextmanager
def _page(browser: Browser, there: Demo) -> Iterator[Page]:
    context = browser.new_context(base_url=there.url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    yield context.new_page()
    context.close()


def _save(png: bytes, file: Path) -> None:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
