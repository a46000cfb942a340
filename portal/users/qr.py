"""A QR code as a picture that stands in the page itself."""

import base64

from allauth.mfa.adapter import get_adapter


def data_uri(text: str) -> str:
    """Return an SVG as a data address; the same drawing as for authenticator apps."""
    svg = get_adapter().build_totp_svg(text)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
