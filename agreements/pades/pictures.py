"""Give the ink of a signature or seal its colour: a PNG with transparent ground."""

import io

from PIL import Image

# Source: Decree 30/2020/NĐ-CP, Appendix I, II.7d (blue) and 8a (red).
BLUE, RED = (0, 51, 153), (204, 0, 0)


def coloured(ink: bytes, width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """Return the picture: `ink` holds one byte a pixel, 0 for none. The same input gives the same bytes."""
    picture = Image.new("RGBA", (width, height), colour)
    picture.putalpha(Image.frombytes("L", (width, height), ink))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
