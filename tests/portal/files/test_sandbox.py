"""The sandbox: what is a file of evidence passes, everything else is a refusal and never an exception."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.files import sandbox
from portal.files.uploads import EXTENSIONS
from portal.files.worker.findings import Kind, Reason
from portal.lib.errors import BusyError
from portal.operations.demo import evidence as demo_evidence
from tests import scale
from tests.portal.files import samples

MUTATIONS = scale.of(ci=40, full=600)


@contextmanager
def opened(content: bytes):
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file


def look(content: bytes) -> sandbox.Look:
    with opened(content) as file:
        return sandbox.look(file)


def misbehave(statements: str) -> sandbox.Look:
    """Look at a file with a child that does this instead of its work, confined in the same way."""
    limits = {"cpu_seconds": sandbox.CPU_SECONDS, "memory": sandbox.MEMORY, "answer": sandbox.ANSWER}
    with opened(b"x") as file:
        return sandbox.look(file, command=sandbox.command(statements, **limits))


@pytest.mark.parametrize("case", samples.GOOD)
def test_good_file_passes_as_what_it_is(case):
    name, content = samples.GOOD[case]
    seen = look(content)
    assert seen.refused is None
    assert seen.kind == EXTENSIONS[name.rpartition(".")[2].lower()]


def test_pages_are_counted():
    assert look(samples.pdf(pages=7)).pages == 7


@pytest.mark.parametrize("kind", [Kind.PDF, Kind.PNG, Kind.TEXT])
def test_files_of_the_demonstration_pass(kind):
    assert look(demo_evidence.make(kind, "Biên bản: nhiệm vụ 1.01")).kind == kind


OUTSIDE = {Reason.NAME, Reason.WRONG_EXTENSION}
"""Reasons that uploads.py finds by the name."""

CONTENT = [
    case
    for case, (_n, content, reason) in samples.HOSTILE.items()
    if content and reason not in OUTSIDE and case != "marked name"
]


@pytest.mark.parametrize("case", CONTENT)
def test_hostile_file_is_refused(case):
    _name, content, reason = samples.HOSTILE[case]
    seen = look(content)
    assert seen.kind is None
    assert seen.refused == reason if reason else seen.refused


@pytest.mark.slow
@pytest.mark.soak
def test_mutated_files_never_fault_and_never_grow(tmp_path, evidence):
    """Files of every kind, broken at random: each is accepted or refused, in bounded memory.

    In a process of its own, which reports its own size and that of its largest child.
    """
    seeds = [content for _name, content in samples.GOOD.values() if len(content) < 200_000]
    for number in range(MUTATIONS):
        base = seeds[number % len(seeds)] if number % 2 else samples.GOOD["pdf"][1]
        (tmp_path / f"{number}.bin").write_bytes(samples.mutated(base, number))
    for name, content in (("bomb", samples.flate_bomb()), ("pages", samples.page_bomb())):
        (tmp_path / f"{name}.bin").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "tests.portal.files.measure", str(tmp_path)],
        cwd=Path(__file__).resolve().parents[3],
        capture_output=True,
        text=True,
        timeout=30 * 60,
        check=True,
    )
    figures = json.loads(done.stdout.splitlines()[-1])
    print(figures)
    assert figures["files"] == MUTATIONS + 2
    assert figures["refused"] + figures["accepted"] == figures["files"]
    assert figures["largest_child_bytes"] <= sandbox.MEMORY
    assert figures["grown_bytes"] <= 32 * 1024 * 1024
    assert figures["open_files_left"] == 0
    evidence("hostile-uploads", **figures)


# --- A child that misbehaves ---------------------------------------------------------------------
@pytest.mark.parametrize(
    "statements",
    [
        "raise SystemExit(3)",
        "import os; os.abort()",
        "import os; os.kill(os.getpid(), 9)",
        "import ctypes; ctypes.string_at(0)",
        "x = bytearray(600 << 20)",
        "print('{}')",
        "print('[]')",
        "print('null')",
        "print('not json')",
        'print(\'{"kind": "exe", "pages": 1}\')',
        'print(\'{"kind": "pdf", "pages": -1}\')',
        'print(\'{"refused": "never heard of"}\')',
        "print('x' * 10_000_000)",
        "pass",
        "import os\nos.fork() or [0 for _ in iter(int, 1)]" if os.geteuid() else "raise SystemExit(1)",
    ],
)
def test_misbehaving_child_is_a_refusal(statements):
    assert misbehave(statements).refused is Reason.CRASHED


def test_child_that_calculates_forever_is_stopped(monkeypatch):
    monkeypatch.setattr(sandbox, "CPU_SECONDS", 1)
    assert misbehave("while True: pass").refused is Reason.CRASHED


def test_child_that_sleeps_is_stopped_with_its_children(monkeypatch):
    monkeypatch.setattr(sandbox, "WALL_SECONDS", 1)
    with opened(b"x") as file:
        command = ("/bin/sh", "-c", "sleep 4242 & sleep 4242")
        assert sandbox.look(file, command=command).refused is Reason.CRASHED
    deadline = time.monotonic() + 10  # a killed process takes a moment to go
    while _running(b"sleep\x004242\x00") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _running(b"sleep\x004242\x00")


def _running(command: bytes) -> list[Path]:
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if _reads(path) == command]


def _reads(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_child_gets_no_environment_and_few_files():
    told = misbehave(
        "import os, json\n"
        "def is_open(n):\n"
        "    try:\n        os.fstat(n)\n    except OSError:\n        return False\n    return True\n"
        "extra = set(os.environ) - {'LC_CTYPE'}\n"
        "many = sum(map(is_open, range(32)))\n"
        "print(json.dumps({'kind': 'pdf', 'pages': 0 if not extra and many == 3 else -1}))"
    )
    assert told.kind is Kind.PDF


def test_child_has_no_network():
    if not sandbox.without_network():
        pytest.skip("unshare --net is not allowed here; the sandbox says so in its log")
    told = misbehave(
        "import socket, json\n"
        "link = socket.socket(); link.settimeout(2)\n"
        "try:\n    link.connect(('192.0.2.1', 9)); reached = True\n"
        "except OSError as error:\n    reached = error.errno not in (101, 13)\n"  # ENETUNREACH, EACCES
        "print(json.dumps({'kind': 'pdf', 'pages': -1 if reached else 0}))"
    )
    assert told.kind is Kind.PDF
    assert told.isolated


def test_child_writes_no_file(tmp_path):
    target = tmp_path / "left"
    misbehave(f"open({str(target)!r}, 'wb').write(bytes(100_000))")
    assert not target.exists() or target.stat().st_size <= sandbox.ANSWER


@pytest.mark.parametrize("what", ["file", "folder"])
def test_child_reads_nothing_of_the_portal(tmp_path, what):
    if not sandbox.has_landlock():
        pytest.skip("this kernel has no Landlock; the sandbox says so in its log")
    secret = tmp_path / "KEY_ENCRYPTION_KEY"
    secret.write_text("secret")
    reading = f"open({str(secret)!r})" if what == "file" else f"__import__('os').listdir({str(tmp_path)!r})"
    told = misbehave(
        f"import json\ntry:\n    {reading}; pages = -1\nexcept PermissionError:\n    pages = 0\n"
        "print(json.dumps({'kind': 'pdf', 'pages': pages}))"
    )
    assert told.kind is Kind.PDF


def test_without_namespaces_it_still_works_and_says_so(monkeypatch, caplog):
    sandbox.without_network.cache_clear()
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    try:
        seen = look(samples.pdf())
    finally:
        sandbox.without_network.cache_clear()
    assert (seen.kind, seen.isolated) == (Kind.PDF, False)
    assert "without a network namespace" in caplog.text


# --- How many at once ----------------------------------------------------------------------------
def test_a_third_waits_and_is_told_to_come_back(monkeypatch, settings, tmp_path):
    settings.INCOMING_DIR = tmp_path
    monkeypatch.setattr(sandbox, "PATIENCE", 0.2)
    inside, leave = threading.Barrier(sandbox.AT_ONCE + 1), threading.Event()

    def hold():
        with sandbox._slot():
            inside.wait(10)
            leave.wait(10)

    holders = [threading.Thread(target=hold) for _ in range(sandbox.AT_ONCE)]
    for holder in holders:
        holder.start()
    inside.wait(10)
    with pytest.raises(BusyError):
        look(samples.pdf())
    leave.set()
    for holder in holders:
        holder.join()
    assert look(samples.pdf()).kind is Kind.PDF
