"""`make run`: what stops it before it begins, and how it keeps and ends its processes."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from portal.operations.serving import checks, supervision
from portal.operations.serving.checks import CannotStart
from portal.operations.serving.supervision import Process, Supervisor
from tests.servers import free_port


# --- Before it begins ----------------------------------------------------------------------------
@pytest.fixture
def taken_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_taken_port_is_named_with_the_way_out(taken_port):
    with pytest.raises(
        CannotStart, match=f"Port {taken_port} is taken; choose another: PORT={taken_port + 1} make run"
    ):
        checks.address("localhost", str(taken_port))


@pytest.mark.parametrize("port", ["", "http", "0", "65536", "８０００", "-1"])
def test_port_is_a_number(port):
    with pytest.raises(CannotStart, match="not a port number"):
        checks.address("localhost", port)


def test_unknown_host_is_refused():
    with pytest.raises(CannotStart, match=r"HOST=no-such-host\.invalid"):
        checks.address("no-such-host.invalid", "8000")


def test_host_of_another_machine_is_refused():
    with pytest.raises(CannotStart, match=r"HOST=192\.0\.2\.1 is not an address of this machine"):
        checks.address("192.0.2.1", str(free_port()))


def test_old_python_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(CannotStart, match=r"Python 3\.9\.2 is too old; the portal needs 3\.11"):
        checks.python_version()


def test_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match="cannot be written"):
        checks.data_folder(str(tmp_path / "file" / "var"))


def test_folder_is_made(tmp_path):
    assert checks.data_folder(str(tmp_path / "new" / "var")).is_dir()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost", "http://localhost:8000"),
        ("0.0.0.0", "http://localhost:8000"),
        ("::1", "http://[::1]:8000"),
        ("portal.lan", "http://portal.lan:8000"),
    ],
)
def test_address_that_people_type(host, url):
    assert checks.Address(host, "127.0.0.1", 8000).url == url


def test_public_address_follows_host_and_port(monkeypatch):
    monkeypatch.delenv("PUBLIC_URL")
    monkeypatch.setenv("ALLOWED_HOSTS", "portal.example")
    checks.follow_address(checks.Address("localhost", "127.0.0.1", 8001))
    assert os.environ["PUBLIC_URL"] == "http://localhost:8001"
    assert os.environ["ALLOWED_HOSTS"] == "portal.example"


def start(**environment: str) -> subprocess.CompletedProcess:
    """Run the real entry in a process of its own."""
    command = [sys.executable, "-m", "portal.operations.serving"]
    known = os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings", "PORT": str(free_port())}
    return subprocess.run(
        command, env=known | environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"PORT": "taken"}, "is not a port number"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "The database does not answer"),
        ({"ALLOWED_HOSTS": "*"}, "wildcard"),
        ({"DEMO": "1", "HOST": "0.0.0.0"}, "this machine only"),
        ({"DEMO_PUBLIC": "1"}, "set DEMO=1 too"),
        ({"HOST": "0.0.0.0", "ALLOWED_HOSTS": "portal.example"}, "ALLOWED_HOSTS must hold localhost"),
    ],
)
def test_every_refusal_is_one_line(tmp_path, environment, said):
    done = start(**{"DATA_DIR": str(tmp_path), "DEMO": "0"} | environment)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("The portal cannot start: ")
    assert said in done.stderr


# --- Keeping and ending the processes --------------------------------------------------------------
LIVES = "import time; time.sleep(60)"
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def python(code: str) -> Process:
    process = Process("web", "python")
    process.command += ["-c", code]
    return process


def is_alive(pid: int) -> bool:
    """A zombie, which waits for init to reap it, is not alive."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def after(seconds: float):
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def test_dead_process_is_started_again_and_named_in_one_line(capfd):
    process = python("raise SystemExit(3)")
    supervisor = Supervisor([process], dict(os.environ))
    assert supervisor.run_until(lambda: process.deaths == 2)
    assert capfd.readouterr().err.splitlines() == [
        "web ended with code 3; starting it again in 1 s.",
        "web ended with code 3; starting it again in 2 s.",
    ]


def test_pauses_grow_up_to_half_a_minute():
    process = python(LIVES)
    process.start_at = time.monotonic()
    pauses = []
    for _ in range(7):
        process.start_at = time.monotonic()
        pauses.append(process.bury())
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_death_after_a_steady_life_counts_as_the_first():
    process = python(LIVES)
    process.deaths = 5
    process.start_at = time.monotonic() - supervision.STEADY - 1
    assert process.bury() == 1


def test_stop_ends_a_polite_process_at_once():
    process = python(LIVES)
    supervisor = Supervisor([process], dict(os.environ))
    supervisor.run_until(after(0.5))
    began = time.monotonic()
    supervisor.stop()
    assert process.running.returncode == -signal.SIGTERM
    assert time.monotonic() - began < supervision.GRACE / 2


def test_stop_kills_the_children_of_a_stubborn_process(monkeypatch, capfd):
    monkeypatch.setattr(supervision, "GRACE", 0.5)
    supervisor = Supervisor([python(STUBBORN)], dict(os.environ))
    said = ""

    def child_is_known() -> bool:
        nonlocal said
        said += capfd.readouterr().out
        return said.endswith("\n")

    supervisor.run_until(child_is_known)
    supervisor.stop()
    end = time.monotonic() + 5
    while is_alive(int(said)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(int(said))


SUPERVISED = """
import os
from portal.operations.serving.supervision import Process, Supervisor
process = Process("web", "python -c 'import time; time.sleep(60)'")
supervisor = Supervisor([process], dict(os.environ))
supervisor.run_until(lambda: process.running is not None)
print(process.running.pid, flush=True)
supervisor.run_until(lambda: False)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="uses prctl of Linux")
def test_processes_end_with_a_supervisor_that_was_killed():
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISED], stdout=subprocess.PIPE, text=True)
    child = int(supervisor.stdout.readline())
    assert is_alive(child)
    supervisor.kill()
    supervisor.communicate()
    end = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(child)


def test_processes_of_the_procfile(tmp_path):
    (tmp_path / "Procfile").write_text('web: python -m granian "portal.wsgi:application"\n\nbeat: sleep 1\n')
    found = supervision.read_procfile(tmp_path / "Procfile")
    assert [(p.name, p.command) for p in found] == [
        ("web", [sys.executable, "-m", "granian", "portal.wsgi:application"]),
        ("beat", ["sleep", "1"]),
    ]
