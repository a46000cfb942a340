"""Where time-stamps come from: an authority in this process, or one at an address (RFC 3161 both)."""

from collections.abc import Callable
from datetime import datetime

from asn1crypto import cms, tsp
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import handle_tsp_response
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper

Stamp = Callable[[bytes], bytes]
"""DER of a request in, DER of the answer out."""

PATIENCE = 10  # seconds for an authority at an address


class OwnStamper(TimeStamper):
    """pyHanko's client of an authority that is a function."""

    def __init__(self, stamp: Stamp) -> None:
        super().__init__()
        self.stamp = stamp

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token that nobody has looked into: asn1crypto encodes anew, at each level, what somebody has."""
        nonce, request = self.request_cms(message_digest, md_algorithm)
        answer = self.stamp(request.dump())
        handle_tsp_response(tsp.TimeStampResp.load(answer, strict=True), nonce)
        return tsp.TimeStampResp.load(answer)["time_stamp_token"]


def stamper(source: Stamp | str) -> TimeStamper:
    """A client of the authority: a function, or the address of one."""
    if isinstance(source, str):
        return RequestsHTTPTimeStamper(source, timeout=PATIENCE)
    return OwnStamper(source)


def time_of(signed_data: cms.SignedData) -> datetime:
    """What a token says."""
    return signed_data["encap_content_info"]["content"].parsed["gen_time"].native
