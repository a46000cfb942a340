"""The reference signing program, with a token in software."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from agreements import agents
from agreements.models import Signature
from tests.agreements.conftest import new_token
from tests.agreements.token_tools import Token
from tests.factories import NOW
from tests.source import BASE

PROGRAM = BASE / "deploy" / "agent" / "sign_agent.py"

pytestmark = pytest.mark.usefixtures("pinned")


FILL = """
import sys, pkcs11
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.rsa import decode_rsa_private_key
module, key, certificate, kind = sys.argv[1:]
token = pkcs11.lib(module).get_token(token_label="ky")
with token.open(user_pin="123456", rw=True) as session:
    decode = decode_rsa_private_key if kind == "rsa" else decode_ec_private_key
    values = decode(bytes.fromhex(key)) | {
        Attribute.TOKEN: True, Attribute.ID: b"1", Attribute.SIGN: True, Attribute.PRIVATE: True,
        Attribute.SENSITIVE: True,
    }
    session.create_object(values)
    session.create_object({
        Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
        Attribute.TOKEN: True, Attribute.ID: b"1", Attribute.VALUE: bytes.fromhex(certificate),
        Attribute.SUBJECT: b"",
    })
"""


@pytest.fixture
def filled(tmp_path: Path, pkcs11_module: str):
    """Return a function that puts a token's key and certificate into SoftHSM; it answers its environment."""
    folder = tmp_path / "hsm"
    folder.mkdir()
    configuration = tmp_path / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}\nobjectstore.backend = file\n")
    environment = os.environ | {"SOFTHSM2_CONF": str(configuration)}
    command = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "ky",
        "--pin",
        "123456",
        "--so-pin",
        "654321",
    ]
    subprocess.run(command, env=environment, check=True, capture_output=True)

    def fill(token: Token) -> dict[str, str]:
        kind = "rsa" if isinstance(token.key, rsa.RSAPrivateKey) else "ec"
        key = token.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        values = [pkcs11_module, key.hex(), token.certificate.hex(), kind]
        subprocess.run([sys.executable, "-c", FILL, *values], env=environment, check=True)
        return environment

    return fill


def run_program(portal: str, module: str, environment, *, typed: str) -> subprocess.CompletedProcess[str]:
    """Run it without a terminal: it reads the PIN from where it reads the rest."""
    command = [sys.executable, str(PROGRAM), "--portal", portal, "--module", module]
    return subprocess.run(
        command,
        input=typed,
        env=environment | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_reference_program_signs_with_a_token(
    kind, document, head, holder, issuer, live_server, filled, pkcs11_module
):
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else None
    token = new_token(issuer, key=key)
    holder(head, token)
    with time_machine.travel(NOW, tick=True):
        _task, ticket = agents.open_ticket(document, by=head, shown_sha256=document.frozen_id, at=NOW)
        done = run_program(live_server.url, pkcs11_module, filled(token), typed=f"{ticket}\n123456\nKY\n")
    assert done.returncode == 0, done.stderr
    signature = Signature.objects.get()
    assert (signature.kind, signature.signer) == ("agent", head)
    assert signature.file_id in done.stdout
    assert "Mạc Văn Hùng" in done.stdout


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("typed", "code"),
    [("{ticket}\n123456\nKHONG\n", "declined"), ("x\n123456\nKY\n", "unknown_ticket")],
)
def test_reference_program_signs_nothing_unasked(
    typed, code, document, head, held, token, live_server, filled, pkcs11_module
):
    with time_machine.travel(NOW, tick=True):
        _task, ticket = agents.open_ticket(document, by=head, shown_sha256=document.frozen_id, at=NOW)
        typed = typed.format(ticket=ticket)
        done = run_program(live_server.url, pkcs11_module, filled(token), typed=typed)
    assert (done.returncode, code in done.stderr) == (1, True), done.stderr
    assert not Signature.objects.exists()


def test_reference_program_wants_tls(pkcs11_module):
    done = run_program("http://portal.example.vn", pkcs11_module, dict(os.environ), typed="x\n")
    assert "https://" in done.stderr
