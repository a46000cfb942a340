"""A real time-stamp authority over HTTP: `openssl ts -reply` behind a lock, with its own root and list.

Without the lock OpenSSL answers some of those who ask at once with nothing, and exit status 0.
"""

import datetime as dt
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.x509 import ReasonFlags

from agreements import keys
from agreements.keys.certificates import Issuer, issue_ca, issue_stamp, pem, subject
from agreements.keys.lists import sign_list
from tests.agreements.pdf_tools import tool

CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/stamp.pem
signer_key = {folder}/stamp.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
crypto_device = builtin
ess_cert_id_alg = sha256
"""


@dataclass
class Outside:
    """Its address, and what a test may break."""

    url: str
    folder: Path
    issuer: Issuer
    stamp_serial: int
    is_broken: bool = False
    is_revoked: bool = False
    asked: int = 0

    def crl(self) -> bytes:
        now = dt.datetime.now(dt.UTC)
        entry = (self.stamp_serial, now - dt.timedelta(hours=1), ReasonFlags.key_compromise.name)
        return sign_list(self.issuer, [entry] if self.is_revoked else [], number=1, at=now, days=7)


@contextmanager
def running(folder: Path) -> Iterator[Outside]:
    """Serve POST / (RFC 3161) and GET /list."""
    began = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    root_key, key = keys.generate_key(), keys.generate_key()
    name = subject("Cơ quan dấu thời gian khác", organization="Nhà cung cấp")
    issuer = Issuer(issue_ca(name, root_key, None, at=began), root_key)
    stamp = issue_stamp(
        subject("Dấu thời gian", organization="Nhà cung cấp"), key.public_key(), issuer, at=began
    )
    (folder / "root.pem").write_bytes(pem(issuer.certificate))
    (folder / "stamp.pem").write_bytes(pem(stamp))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "stamp.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.outside = Outside(f"http://127.0.0.1:{server.server_port}", folder, issuer, stamp.serial_number)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.outside
    finally:
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    lock = threading.Lock()

    def do_POST(self) -> None:
        outside = self.server.outside
        outside.asked += 1
        query = self.rfile.read(int(self.headers["Content-Length"]))
        with self.lock:
            (outside.folder / "query").write_bytes(query)
            command = [tool("openssl"), "ts", "-reply", "-queryfile", outside.folder / "query"]
            command += ["-config", outside.folder / "tsa.cnf", "-out", outside.folder / "answer"]
            subprocess.run(command, check=True, capture_output=True)
            answer = (outside.folder / "answer").read_bytes()
        self._answer(b"<html>" if outside.is_broken else answer, "application/timestamp-reply")

    def do_GET(self) -> None:
        self._answer(self.server.outside.crl(), "application/pkix-crl")

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        pass
