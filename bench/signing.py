"""Signatures: how long one holds the document's lock, and how long signers wait.

    python -m bench.signing [SIGNERS …]                                       on SQLite (1 46 200)
    python -m tests.servers with-postgres python -m bench.signing [SIGNERS …]     on PostgreSQL

JSON lines. "lock" is the whole transaction of one signature, nobody else signing: p50, first and last of
the round; `ratio` is p50 over the raw limit measured beside each (SHA-256 of the file and one ECDSA P-256
signature). "at once" starts every signer at the same moment, keys unlocked before; "spread" starts them
evenly over a minute with the real PIN (scrypt N = 2^17), as the page does.
"""

import hashlib
import json
import statistics
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.sweep import prepare_portal

PIN = "2468-1357"
ROWS = 57  # assignments, as in the programme of 2023
SPREAD = 60.0  # seconds
SPREAD_SIGNERS = 46


def main() -> None:
    sizes = [int(given) for given in sys.argv[1:]] or [1, 46, 200]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        prepare_portal(folder)
        people = make_people(max(sizes, default=2))
        for year, count in enumerate(sizes, 2030):
            report("signature lock", count, lock_held(*prepare(year, people[:count])))
            report("signatures at once", count, waited(*prepare(year + 20, people[:count]), over=0.0))
        if SPREAD_SIGNERS in sizes:
            signers = people[:SPREAD_SIGNERS]
            report(
                "signatures spread over a minute", len(signers), waited(*prepare(2060, signers), over=SPREAD)
            )


def report(figure: str, signers: int, figures: dict[str, Any]) -> None:
    from django.db import connection

    row = {"figure": figure, "signers": signers, "database": connection.vendor} | figures
    rounded = {name: round(v, 3) if isinstance(v, float) else v for name, v in row.items()}
    print(json.dumps(rounded), flush=True)


# --- What is signed, and by whom ----------------------------------------------------------------------
def make_people(count: int) -> list[Any]:
    """Return heads with certificates and second factors, at least two; the first heads the host."""
    from django.utils import timezone

    from agreements import keys
    from portal.users import totp
    from portal.users.models import Role
    from tests import factories

    pin = keys.derive_pin(PIN)
    people = []
    for number in range(max(count, 2)):
        agency = factories.AgencyFactory(name_vi=f"Sở Phối hợp thứ {number}")
        role = Role.COMMANDER if number == 0 else Role.AGENCY_HEAD
        user = factories.person(f"head{number}", role, agency, full_name=f"Nguyễn Văn {number}")
        factories.certify(user, pin=pin, at=timezone.now())
        totp.enrol(user)
        people.append((user, pin))
    return people


def prepare(year: int, people: list[Any]) -> tuple[Any, list[Any]]:
    """Freeze a programme for these signers and open it. A round of one has a second, silent party."""
    import datetime as dt

    from django.utils import timezone

    from agreements import documents
    from portal.users.models import User
    from tasks.models import Clause, Programme, Signatory
    from tests import factories

    parties = [user for user, _pin in people]
    if len(parties) == 1:
        parties.append(User.objects.get(username="head1"))
    host = parties[0].post.agency
    programme = factories.ProgrammeFactory(year=year, host=host)
    for order, user in enumerate(parties, 1):
        place = Signatory.Place.MAIN if order == 1 else Signatory.Place.ANNEX
        factories.SignatoryFactory(programme=programme, agency=user.post.agency, order=order, place=place)
    factories.ClauseFactory(programme=programme, section=Clause.Section.ORGANISATION, number=1)
    task = factories.PriorityTaskFactory(programme=programme)
    for number in range(ROWS):
        factories.AssignmentFactory(
            task=task, lead=host, code=f"1.{number:02}", deadline_on=dt.date(year, 6, 1)
        )
    at = timezone.now()
    Programme.objects.filter(pk=programme.pk).update(state="settled", signing_closes_on=dt.date(2099, 1, 1))
    programme.refresh_from_db()
    document = documents.freeze(programme, by=parties[0], at=at)
    documents.open_round(document, by=parties[0], at=at)
    return document, people


# --- One after the other ----------------------------------------------------------------------------------
def lock_held(document: Any, people: list[Any]) -> dict[str, Any]:
    from django.utils import timezone

    from agreements import pki, signing

    held, limits = [], []
    for user, pin in people:
        at = timezone.now()
        key = pki.unlock(pki.current_credential(user, at=at), pin, by=user, at=at)
        begun = time.perf_counter()
        signing.append(
            document, by=user, key=key, shown_sha256=document.frozen_id, request_key=uuid.uuid4(), at=at
        )
        held.append(1000 * (time.perf_counter() - begun))
        limits.append(raw_limit(document, key))
    p50, limit = statistics.median(held), statistics.median(limits)
    return {
        "p50_ms": p50,
        "first_ms": held[0],
        "last_ms": held[-1],
        "last_over_first": statistics.median(held[-3:]) / statistics.median(held[:3]),
        "raw_limit_ms": limit,
        "ratio": p50 / limit,
        "file_kb": file_size(document) // 1024,
    }


def raw_limit(document: Any, key: Any) -> float:
    """Milliseconds that no signature can do without: hash the file, sign the hash."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    from portal.files import store

    document.refresh_from_db()
    content = store.path_of(document.head_id).read_bytes()
    begun = time.perf_counter()
    key.private_key.sign(hashlib.sha256(content).digest(), ec.ECDSA(hashes.SHA256()))
    return 1000 * (time.perf_counter() - begun)


def file_size(document: Any) -> int:
    document.refresh_from_db()
    return int(document.head.size)


# --- At the same time ------------------------------------------------------------------------------------
def waited(document: Any, people: list[Any], *, over: float) -> dict[str, Any]:
    """Start the signers over so many seconds; return how long they waited for their answer."""
    from django.db import connection

    from agreements.models import Signature

    gate = threading.Barrier(len(people))

    def run(place: int) -> float:
        user, pin = people[place]
        gate.wait()
        time.sleep(over * place / len(people))
        begun = time.perf_counter()
        try:
            sign(document, user, PIN if over else pin)
        finally:
            connection.close()
        return time.perf_counter() - begun

    begun = time.perf_counter()
    with ThreadPoolExecutor(len(people)) as pool:
        times = sorted(pool.map(run, range(len(people))))
    all_s = time.perf_counter() - begun
    lost = len(people) - Signature.objects.filter(document=document).count()
    return {
        "p50_s": statistics.median(times),
        "p95_s": times[int(0.95 * (len(times) - 1))],
        "longest_s": times[-1],
        "all_s": all_s,
        "lost": lost,
    }


def sign(document: Any, user: Any, pin: Any) -> None:
    """Send the form as the page does: again after a moment while many are signing."""
    from django.utils import timezone

    from agreements import signing
    from portal.lib.errors import BusyError
    from portal.users import totp

    key, at = uuid.uuid4(), timezone.now()
    code = totp.next_code(user, at=at)
    while True:
        try:
            signing.sign(
                document, by=user, pin=pin, code=code, shown_sha256=document.frozen_id, request_key=key, at=at
            )
            return
        except BusyError:
            time.sleep(1)


if __name__ == "__main__":
    main()
