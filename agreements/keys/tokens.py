"""Time-stamp tokens: a request in, an answer out, both DER. Source: RFC 3161; RFC 5816 for SHA-256.

Whatever is not exactly what this authority stamps is refused, with the failure that the RFC names:

| failure | the request |
| --- | --- |
| `bad_data_format` | cannot be read, or has bytes after its end |
| `bad_request` | has another version |
| `bad_alg` | names another digest than SHA-256, SHA-384, SHA-512 |
| `bad_data_format` | has a digest of another length than its algorithm makes |
| `unaccepted_policy` | asks for a policy of somebody else |
| `unaccepted_extensions` | has extensions |
"""

import hashlib
from datetime import datetime

from asn1crypto import algos, cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from agreements.keys.errors import StampRefused

# Under the arc of random numbers (ITU-T X.667), which needs no registration: "time attested by this portal".
POLICY = "2.25.299342212296269031691449238291243735062"
LENGTHS = {"sha256": 32, "sha384": 48, "sha512": 64}
DIGEST = "sha256"
ACCURACY = 1  # second


def read_request(request: bytes) -> tsp.TimeStampReq:
    """Raises StampRefused."""
    try:
        read = tsp.TimeStampReq.load(request, strict=True)
        facts = read.native  # everything is parsed now: asn1crypto is lazy
    except (ValueError, TypeError) as error:
        raise StampRefused("bad_data_format", str(error)) from error
    imprint = facts["message_imprint"]
    length = LENGTHS.get(imprint["hash_algorithm"]["algorithm"])
    if facts["version"] != "v1":
        raise StampRefused("bad_request", str(facts["version"]))
    if length is None:
        raise StampRefused("bad_alg", imprint["hash_algorithm"]["algorithm"])
    if len(imprint["hashed_message"]) != length:
        raise StampRefused("bad_data_format", f"{len(imprint['hashed_message'])} bytes of digest")
    if facts["req_policy"] not in {None, POLICY}:
        raise StampRefused("unaccepted_policy", facts["req_policy"])
    if facts["extensions"]:
        raise StampRefused("unaccepted_extensions")
    return read


def granted(
    request: tsp.TimeStampReq,
    *,
    certificate: bytes,
    private_key: ec.EllipticCurvePrivateKey,
    serial: int,
    at: datetime,
) -> bytes:
    """The answer with a token: this digest existed at `at`, whole seconds."""
    facts = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": POLICY,
            "message_imprint": request["message_imprint"],
            "serial_number": serial,
            "gen_time": at.replace(microsecond=0),
            "accuracy": {"seconds": ACCURACY},
            "nonce": request["nonce"],
        }
    )
    own = x509.Certificate.load(certificate)
    signed = _signed(facts.dump(), own, private_key)
    if request["cert_req"].native:
        signed["certificates"] = [own]
    token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
    return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def refused(refusal: StampRefused) -> bytes:
    """The answer without a token."""
    status = {
        "status": "rejection",
        "status_string": [refusal.detail or refusal.code],
        "fail_info": {refusal.code},
    }
    return bytes(_Refusal({"status": status}).dump())


class _Refusal(core.Sequence):  # type: ignore[misc]
    """A TimeStampResp without its optional token, which asn1crypto demands."""

    _fields = [("status", tsp.PKIStatusInfo)]


def _signed(content: bytes, own: x509.Certificate, private_key: ec.EllipticCurvePrivateKey) -> cms.SignedData:
    algorithm = algos.DigestAlgorithm({"algorithm": DIGEST})
    reference = tsp.ESSCertIDv2(
        {"hash_algorithm": algorithm, "cert_hash": hashlib.sha256(own.dump()).digest()}
    )
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(content).digest()]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [{"certs": [reference]}]}),
        ]
    )
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}},
            "digest_algorithm": algorithm,
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": private_key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
    )
    return cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [algorithm],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": cms.ParsableOctetString(content),
            },
            "signer_infos": [signer],
        }
    )
