"""Certificates of somebody else's authority, and a signing program that is not ours: pyHanko as it comes."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import time_machine
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from agreements.pades import SigningKey, Trust
from tests.agreements.pdf_tools import AT, LATER

DAY = timedelta(days=1)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Change = Callable[[IncrementalPdfFileWriter], None]


@dataclass(frozen=True)
class Token:
    """What a USB token holds."""

    certificate: bytes
    key: Key
    chain: tuple[bytes, ...]

    @property
    def signing_key(self) -> SigningKey:
        """For the hand that tampers, which signs with P-256."""
        return SigningKey(self.certificate, self.key, self.chain)


@dataclass(frozen=True)
class Issuer:
    """A root and its issuing CA, with the lists of revoked certificates."""

    name: str = "CA công cộng"
    at: datetime = AT - timedelta(days=900)
    keys: tuple[Key, Key] = field(
        default_factory=lambda: (
            ec.generate_private_key(ec.SECP256R1()),
            ec.generate_private_key(ec.SECP256R1()),
        )
    )

    @property
    def names(self) -> tuple[x509.Name, x509.Name]:
        return _name(f"{self.name} gốc"), _name(self.name)

    @property
    def root(self) -> bytes:
        return self._ca(0, 0)

    @property
    def issuing(self) -> bytes:
        return self._ca(1, 0)

    def _ca(self, own: int, issuer: int) -> bytes:
        builder = _builder(
            self.names[own], self.names[issuer], self.keys[own].public_key(), self.at, self.at + 7300 * DAY
        ).serial_number(own + 1)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        usage = _usage(key_cert_sign=True, crl_sign=True)
        return _der(builder.add_extension(usage, critical=True).sign(self.keys[issuer], hashes.SHA256()))

    def token(
        self,
        name: str = "Nguyễn Thị Ký",
        *,
        key: Key | None = None,
        start: datetime = AT - 30 * DAY,
        end: datetime = AT + 700 * DAY,
        usage: tuple[str, ...] = ("digital_signature", "content_commitment"),
        stamps: bool = False,
    ) -> Token:
        key = key or ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(name), self.names[1], key.public_key(), start, end)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.add_extension(_usage(**dict.fromkeys(usage, True)), critical=True)
        if stamps:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(purpose, critical=True)
        return Token(_der(builder.sign(self.keys[1], hashes.SHA256())), key, (self.issuing,))

    def trust(self, *revoked: tuple[Token, datetime], at: datetime = LATER, days: int = 7) -> Trust:
        return Trust((self.root,), (self._crl(0, (), at, days), self._crl(1, revoked, at, days)))

    def _crl(
        self, issuer: int, revoked: tuple[tuple[Token, datetime], ...], at: datetime, days: int
    ) -> bytes:
        builder = x509.CertificateRevocationListBuilder(
            self.names[issuer], last_update=at - DAY / 24, next_update=at + days * DAY
        ).add_extension(x509.CRLNumber(1), critical=False)
        for token, moment in revoked:
            serial = x509.load_der_x509_certificate(token.certificate).serial_number
            line = x509.RevokedCertificateBuilder(serial, moment)
            builder = builder.add_revoked_certificate(line.build())
        done = builder.sign(self.keys[issuer], hashes.SHA256())
        return done.public_bytes(serialization.Encoding.DER)


def _name(common_name: str) -> x509.Name:
    attributes = ((NameOID.COUNTRY_NAME, "VN"), (NameOID.COMMON_NAME, common_name))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes])


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: object, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
    return builder.not_valid_before(start).not_valid_after(end)


def _usage(**given: bool) -> x509.KeyUsage:
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**(dict.fromkeys(names, False) | given))


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def signed_elsewhere(
    head: bytes,
    name: str,
    token: Token,
    *,
    change: Change | None = None,
    digest: str = "sha256",
    subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES,
    prefer_pss: bool = False,
    at: datetime = AT,
    stamper: Token | None = None,
    **metadata: object,
) -> bytes:
    """The head signed by a stock program: own font, own stamp, a new date and program in the properties."""
    writer = IncrementalPdfFileWriter(io.BytesIO(head))
    if change:
        change(writer)
    store = SimpleCertificateStore()
    for issuer in token.chain:
        store.register(asn1_x509.Certificate.load(issuer))
    signer = SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(token.certificate),
        signing_key=_pkcs8(token.key),
        cert_registry=store,
        prefer_pss=prefer_pss,
    )
    facts = PdfSignatureMetadata(
        field_name=name, md_algorithm=digest, subfilter=subfilter, reason="Dong y", location="VN", **metadata
    )
    stamp = TextStampStyle(stamp_text="Nguoi ky: %(signer)s\nNgay: %(ts)s")
    clock = stamper and DummyTimeStamper(
        asn1_x509.Certificate.load(stamper.certificate), _pkcs8(stamper.key), store, fixed_dt=at
    )
    with time_machine.travel(at, tick=False):
        return PdfSigner(facts, signer, stamp_style=stamp, timestamper=clock).sign_pdf(writer).getvalue()


def _pkcs8(key: Key) -> asn1_keys.PrivateKeyInfo:
    return asn1_keys.PrivateKeyInfo.load(
        key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
