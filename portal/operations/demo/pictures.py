"""Handwriting and seals for the demonstration: scribbles of nobody, and seals that say MẪU (specimen)."""

import datetime as dt
import math
import random

from PIL import Image, ImageDraw, ImageFont

from agreements import marks
from portal.operations.demo.people import Cast
from portal.papers.letters import FONT_DIR
from portal.users.models import User

SEALED = ("BCHQS", "UBMTTQ", "SXD")
"""Agencies that gave a picture of their seal; the papers show how it looks with and without."""

FONT = FONT_DIR / "Tinos-Bold.ttf"
FINE = 3  # drawn so many times larger, for smooth edges
HAND, SEAL = (400, 190), (400, 400)  # pixels


def give(cast: Cast, *, at: dt.datetime) -> None:
    """Give every head and deputy a handwriting, and some agencies a seal."""
    for user in (*cast.heads.values(), *cast.deputies.values()):
        marks.keep(marks.Kind.SIGNATURE, handwriting(user), by=user, at=at)
    for code in SEALED:
        marks.keep(marks.Kind.SEAL, seal(code), by=cast.heads[code], at=at, width_mm=36)


def handwriting(user: User) -> marks.Ink:
    """Return a scribble that is the same for the same account, and like no letter."""
    chance = random.Random(user.username)  # noqa: S311 - a drawing, no secret
    loops, lean = chance.uniform(3, 6), chance.uniform(0.25, 0.45)
    width, height = HAND[0] * FINE, HAND[1] * FINE
    points = []
    for step in range(240):
        along = step / 239
        fade = 1 - 0.75 * along
        swing = math.sin(along * loops * math.tau) * lean * fade
        back = math.cos(along * loops * math.tau) * 0.06 * fade
        points.append(((0.06 + 0.86 * along + back) * width, (0.5 - swing) * height))
    picture = Image.new("L", (width, height))
    pen = ImageDraw.Draw(picture)
    pen.line(points, fill=255, width=5 * FINE, joint="curve")
    pen.line([(0.2 * width, 0.86 * height), (0.9 * width, 0.72 * height)], fill=255, width=4 * FINE)
    return _ink(picture, HAND)


def seal(code: str) -> marks.Ink:
    """Return two rings around the word for a specimen and the agency's code."""
    width, height = SEAL[0] * FINE, SEAL[1] * FINE
    picture = Image.new("L", (width, height))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((0, 0, width - 1, height - 1), outline=255, width=9 * FINE)
    pen.ellipse((0.07 * width, 0.07 * height, 0.93 * width, 0.93 * height), outline=255, width=3 * FINE)
    pen.text(
        (width / 2, height * 0.44),
        "MẪU",
        font=ImageFont.truetype(str(FONT), width // 5),
        fill=255,
        anchor="mm",
    )
    pen.text(
        (width / 2, height * 0.64),
        code,
        font=ImageFont.truetype(str(FONT), width // 12),
        fill=255,
        anchor="mm",
    )
    return _ink(picture, SEAL)


def _ink(picture: Image.Image, size: tuple[int, int]) -> marks.Ink:
    small = picture.resize(size, Image.Resampling.LANCZOS).point(lambda value: value // 17 * 17)
    return marks.Ink(*size, small.tobytes())
