"""Signatures: how long one holds the document's lock, and how long signers wait.

    python -m bench.signing [SIGNERS …]                                       on SQLite (1 46 200)
    python -m tests.servers with-kept-postgres python -m bench.signing [SIGNERS …]     on PostgreSQL

JSON lines. "lock" is the whole transaction of one signature, nobody else signing: p50, first and last of
the round, and the CPU of it; `ratio` is p50 over the raw limit measured beside each (SHA-256 of the file
and one ECDSA P-256 signature). "at once" starts every signer at the same moment, their PINs stretched
before; "spread" starts them evenly over a minute with the real PIN (scrypt N = 2^17), as the page does.
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

GOALS = {46: 300.0, 200: 500.0}
"""Milliseconds that the lock may be held, by how many sign: the median."""
STEEPEST = 2.5
"""The last signer's lock over the first's, at most."""
SPREAD = 60.0  # seconds
SPREAD_SIGNERS = 46


def main() -> None:
    sizes = [int(given) for given in sys.argv[1:]] or [1, 46, 200]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        prepare_portal(folder)
        from agreements import keys
        from tests.crowd import world

        pin = keys.derive_pin(world.PIN)
        heads = world.make_people(max(sizes), pin)
        for year, count in enumerate(sizes, 2030):
            # A round of one has a second, silent party.
            alone, together = (world.open_document(y, heads[: max(count, 2)]) for y in (year, year + 20))
            report("signature lock", count, lock_held(alone, heads[:count], pin))
            report("signatures at once", count, waited(together, heads[:count], pin, over=0.0))
        if SPREAD_SIGNERS in sizes:
            signers = heads[:SPREAD_SIGNERS]
            spread = waited(world.open_document(2060, signers), signers, world.PIN, over=SPREAD)
            report("signatures spread over a minute", SPREAD_SIGNERS, spread)


def report(figure: str, signers: int, figures: dict[str, Any]) -> None:
    from django.db import connection

    row = {"figure": figure, "signers": signers, "database": connection.vendor} | figures
    rounded = {name: round(v, 3) if isinstance(v, float) else v for name, v in row.items()}
    print(json.dumps(rounded), flush=True)


# --- One after the other ----------------------------------------------------------------------------------
def lock_held(document: Any, people: list[Any], pin: Any) -> dict[str, Any]:
    from django.utils import timezone

    from agreements import pki, signing

    held, cpu, limits = [], [], []
    for user in people:
        at = timezone.now()
        key = pki.unlock(pki.current_credential(user, at=at), pin, by=user, at=at)
        begun, worked = time.perf_counter(), time.thread_time()
        signing.append(
            document, by=user, key=key, shown_sha256=document.frozen_id, request_key=uuid.uuid4(), at=at
        )
        held.append(1000 * (time.perf_counter() - begun))
        cpu.append(1000 * (time.thread_time() - worked))
        limits.append(raw_limit(document, key))
    p50, limit = statistics.median(held), statistics.median(limits)
    growth = statistics.median(held[-3:]) / statistics.median(held[:3])
    goal = next((most for signers, most in GOALS.items() if len(people) <= signers), max(GOALS.values()))
    return {
        "p50_ms": p50,
        "goal_ms": goal,
        "is_within": p50 <= goal and growth <= STEEPEST,
        "first_ms": held[0],
        "last_ms": held[-1],
        "last_over_first": growth,
        "cpu_p50_ms": statistics.median(cpu),
        "cpu_last_ms": statistics.median(cpu[-3:]),
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
def waited(document: Any, people: list[Any], pin: Any, *, over: float) -> dict[str, Any]:
    """Start the signers over so many seconds; return how long they waited for their answer."""
    from django.db import connection

    from agreements.models import Signature

    gate = threading.Barrier(len(people))

    def run(place: int) -> float:
        gate.wait()
        time.sleep(over * place / len(people))
        begun = time.perf_counter()
        try:
            sign(document, people[place], pin)
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

    key = uuid.uuid4()
    while True:
        at = timezone.now()
        code = totp.next_code(user, at=at)
        try:
            signing.sign(
                document, by=user, pin=pin, code=code, shown_sha256=document.frozen_id, request_key=key, at=at
            )
            return
        except BusyError:
            time.sleep(1)


if __name__ == "__main__":
    main()
