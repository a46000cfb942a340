#!/usr/bin/env python3
"""Sign one document of the portal with a USB token on this computer.

    python sign_agent.py --portal https://portal.example.vn --module C:\\Windows\\System32\\eps2003csp11.dll

It needs Python 3.11 and `python-pkcs11`. It asks for the ticket that the signing room shows, says which
document and certificate it is about, asks for the token's PIN, lets the token sign, and sends the value
back. The PIN goes to the token alone. The protocol is docs/agent-protocol.md.
"""

import argparse
import base64
import getpass
import hashlib
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, TokenFlag
from pkcs11.util.ec import encode_ecdsa_signature

TRIES = 8
AGAIN = {"stale", "lease_over", "not_prepared"}
SECONDS = 60  # for one answer
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Task = dict[str, Any]
Ask = Callable[[str, Task], Task]


class Refused(Exception):
    """The portal or the token said no."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


def portal_at(address: str) -> Ask:
    """Return how to ask the portal at an address; without TLS only on this computer."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise Refused("address", "Địa chỉ cổng phải bắt đầu bằng https://")

    def ask(question: str, told: Task) -> Task:
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at above
            f"{address.rstrip('/')}/agreements/agent/v1/{question}/",
            data=json.dumps(told).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            raise _refusal(error) from error
        except (OSError, ValueError) as error:
            raise Refused("connection", f"Không kết nối được cổng: {error}") from error

    return ask


def _refusal(error: urllib.error.HTTPError) -> Refused:
    try:
        told = json.load(error)
        return Refused(str(told["error"]), str(told["message"]))
    except (ValueError, KeyError, TypeError):
        return Refused("answer", f"Cổng trả lời {error.code}")


def sign(ask: Ask, ticket: str, session: pkcs11.Session, *, confirm: Callable[[Task], bool]) -> Task:
    """Let the token sign until the value arrives in time; return the portal's answer.

    Asks `confirm` once: what it saw then must not change when others were faster.
    """
    agreed: Task = {}
    for _try in range(TRIES):
        task = ask("prepare", {"ticket": ticket})
        key = private_key(session, task["certificate_sha256"])
        if not agreed and not confirm(task):
            raise Refused("declined", "Đã hủy, không ký gì.")
        agreed = agreed or task
        if any(task[name] != agreed[name] for name in ("document", "signer", "certificate_sha256")):
            raise Refused("changed", "Nội dung việc ký đã thay đổi. Hãy mở phiếu mới.")
        value = signature_value(key, base64.b64decode(task["to_sign"]))
        told = {"ticket": ticket, "signature": base64.b64encode(value).decode("ascii")}
        try:
            return ask("complete", told)
        except Refused as refusal:
            if refusal.code not in AGAIN:
                raise
    raise Refused("busy", "Nhiều cơ quan đang ký cùng lúc. Hãy thử lại sau ít phút.")


def only_token(module: str, label: str | None) -> pkcs11.Token:
    """Return the token that is plugged in. Raises Refused when there is none, or more than one."""
    wanted = {"token_flags": TokenFlag.TOKEN_INITIALIZED}
    found = list(pkcs11.lib(module).get_tokens(**wanted, **({"token_label": label} if label else {})))
    if len(found) > 1:
        raise Refused("tokens", "Có nhiều token đang cắm. Hãy chọn bằng --token NHÃN.")
    if not found:
        raise Refused("no_token", "Không thấy token. Hãy cắm token và thử lại.")
    return found[0]


def private_key(session: pkcs11.Session, certificate_sha256: str) -> pkcs11.PrivateKey:
    """Return the key that belongs to the certificate with this fingerprint. Raises Refused."""
    # A search that is left half done keeps the token busy: lists, not iterators.
    for found in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})):
        if hashlib.sha256(found[Attribute.VALUE]).hexdigest() == certificate_sha256:
            wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: found[Attribute.ID]}
            if keys := list(session.get_objects(wanted)):
                return keys[0]
            raise Refused("no_key", "Token có chứng thư nhưng không có khóa đi kèm.")
    raise Refused("no_certificate", "Token này không có chứng thư đã đăng ký trên cổng.")


def signature_value(key: pkcs11.PrivateKey, data: bytes) -> bytes:
    """Return the token's signature over the data's SHA-256: PKCS#1 for RSA, DER for ECDSA."""
    if key.key_type == KeyType.RSA:
        return bytes(key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))
    # Many tokens know ECDSA over a digest only.
    raw = key.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA)
    return bytes(encode_ecdsa_signature(raw))


def shown(task: Task) -> bool:
    """Show what is about to be signed and ask."""
    print(f"Văn bản:      {task['document']} (bản số {task['revision']})")
    print(f"SHA-256:      {task['head_sha256']}")
    print(f"Người ký:     {task['signer']}")
    print(f"Chứng thư:    {task['certificate_sha256']}")
    return input("Gõ KY để ký: ").strip().upper() == "KY"


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 0 when the document is signed."""
    parser = argparse.ArgumentParser(description="Ký văn bản trên cổng bằng USB token.")
    parser.add_argument("--portal", required=True, help="địa chỉ cổng, ví dụ https://portal.example.vn")
    parser.add_argument("--module", required=True, help="thư viện PKCS#11 của token (.dll hoặc .so)")
    parser.add_argument("--token", help="nhãn của token, khi cắm nhiều token")
    given = parser.parse_args(arguments)
    try:
        ask = portal_at(given.portal)
        ticket = input("Phiếu ký: ").strip()
        with only_token(given.module, given.token).open(
            user_pin=getpass.getpass("PIN của token: ")
        ) as session:
            answer = sign(ask, ticket, session, confirm=shown)
    except Refused as refusal:
        print(f"Chưa ký ({refusal.code}): {refusal}", file=sys.stderr)
        return 1
    except pkcs11.PKCS11Error as error:
        print(f"Chưa ký: token báo lỗi {type(error).__name__}", file=sys.stderr)
        return 1
    print(f"Đã ký. Bản số {answer['revision']}, SHA-256 {answer['sha256']}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
