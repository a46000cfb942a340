"""Servers and programs that tests need: found, started in scratch folders, stopped.

As a pytest plugin it skips what cannot run here and says how to enable it; with CI=true a skip is
a failure. As a program, before any dependency is looked at:

    python -m tests.servers install                 apt-get what is missing (root on Debian)
    python -m tests.servers with-postgres COMMAND   run a command with DATABASE_URL of a scratch cluster
    python -m tests.servers with-kept-postgres COMMAND   with one that waits for its disk, as a real one does
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
ENABLE = "run `make test`, as root on Debian it installs what is missing"


@dataclass(frozen=True)
class Need:
    """A program that some tests call: how it is found, and the Debian package that brings it."""

    name: str
    package: str
    find: Callable[[], str | None]


def _program(*names: str) -> Callable[[], str | None]:
    return lambda: next(filter(None, map(shutil.which, names)), None)


def postgres_folder() -> str | None:
    """Return the folder of initdb and pg_ctl; Debian keeps them out of PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    initdb = shutil.which("initdb") or (str(debian[-1]) if debian else None)
    return str(Path(initdb).parent) if initdb else None


def softhsm_module() -> str | None:
    """Return the PKCS#11 library of a token in software."""
    found = sorted(Path("/usr/lib").glob("**/softhsm/libsofthsm2.so"))
    return str(found[0]) if found and shutil.which("softhsm2-util") else None


POSTGRES = Need("PostgreSQL", "postgresql", postgres_folder)
REDIS = Need("Redis", "redis-server", _program("redis-server"))
CHROMIUM = Need("Chromium", "chromium", _program("chromium", "chromium-browser", "google-chrome"))
SOFTHSM = Need("SoftHSM", "softhsm2", softhsm_module)
NEEDS = (
    POSTGRES,
    REDIS,
    CHROMIUM,
    Need("qpdf", "qpdf", _program("qpdf")),
    Need("pdfsig and pdftotext", "poppler-utils", _program("pdfsig")),
    SOFTHSM,
)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


class Cluster:
    """A scratch PostgreSQL, in a folder and on a port of its own; without fsync unless it `keeps` commits.

    PostgreSQL refuses to run as root: there the cluster belongs to the user postgres.
    """

    def __init__(self, programs: str, folder: Path, *, keeps: bool = False) -> None:
        self.folder, self.port, self.is_running = folder, free_port(), False
        self._durability = "" if keeps else QUICK
        as_owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._initdb = [*as_owner, f"{programs}/initdb", f"--pgdata={folder}/cluster"]
        self._pg_ctl = [*as_owner, f"{programs}/pg_ctl", f"--pgdata={folder}/cluster"]
        if as_owner:
            shutil.chown(folder, "postgres")
        _quietly(
            *self._initdb, "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"
        )

    @property
    def url(self) -> str:
        """DATABASE_URL of a role that is no superuser."""
        return f"postgres://tester@127.0.0.1:{self.port}/tester"

    def start(self) -> None:
        where = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        options = [
            f"--log={self.folder}/log",
            "--wait",
            f"--options={self._durability} -c max_connections=200 {where}",
        ]
        _quietly(*self._pg_ctl, *options, "start")
        self.is_running = True

    def stop(self, mode: str = "immediate") -> None:
        self.is_running = False
        _quietly(*self._pg_ctl, f"--mode={mode}", "stop")


@contextmanager
def cluster(*, keeps: bool = False) -> Iterator[Cluster]:
    """Run a scratch PostgreSQL; one that `keeps` has what it committed also after it was stopped at once."""
    programs = postgres_folder()
    assert programs, "PostgreSQL is not installed"
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        running = Cluster(programs, folder, keeps=keeps)
        running.start()
        try:
            _make_tester(superuser(running.url))
            yield running
        finally:
            if running.is_running:
                running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres(*, keeps: bool = False) -> Iterator[str]:
    """Run a scratch PostgreSQL and yield the DATABASE_URL of a role that is no superuser."""
    with cluster(keeps=keeps) as running:
        yield running.url


def superuser(url: str) -> str:
    """Return the URL of a scratch cluster's superuser, given that of its tester."""
    return url.replace("tester@", "postgres@").rpartition("/")[0] + "/postgres"


def _make_tester(superuser_url: str) -> None:
    """Make the role and the database of the tests. A superuser would walk through the second wall."""
    from psycopg2 import connect  # of the requirements: `install` runs without them

    link = connect(superuser_url)
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute("CREATE ROLE tester LOGIN NOSUPERUSER CREATEDB")
        cursor.execute("CREATE DATABASE tester OWNER tester")
    link.close()


@contextmanager
def redis() -> Iterator[str]:
    """Run a scratch Redis that keeps nothing and yield its REDIS_URL."""
    program = REDIS.find()
    assert program, "Redis is not installed"
    port = free_port()
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tempfile.gettempdir())
    try:
        wait_for_port(port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def wait_for_port(port: int, *, seconds: float = 20) -> None:
    """Return when something listens on the port."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port} after {seconds} s")


def _quietly(*command: str) -> None:
    """Run a command; show what it said only when it fails. Nothing of it may hold our pipes open."""
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, stdout=said, stderr=said, check=False, cwd=tempfile.gettempdir())
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{command} failed: {said.read().decode(errors='replace')}")


# --- As a pytest plugin ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """DATABASE_URL of a PostgreSQL: the one of this run, or a scratch cluster."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given
    else:
        _skip_without(POSTGRES)
        with postgres() as url:
            yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """REDIS_URL of a scratch Redis."""
    _skip_without(REDIS)
    with redis() as url:
        yield url


@pytest.fixture(scope="session")
def pkcs11_module() -> str:
    """The PKCS#11 library of SoftHSM; who uses it sets SOFTHSM2_CONF in a process of its own."""
    _skip_without(SOFTHSM)
    return softhsm_module() or ""


@pytest.fixture(scope="session")
def hardware(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An empty token of SoftHSM: its settings. The library reads its configuration once a process."""
    _skip_without(SOFTHSM)
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    _quietly("softhsm2-util", "--init-token", "--free", "--label=portal", "--pin=135790", "--so-pin=246801")
    yield {"PKCS11_MODULE": SOFTHSM.find() or "", "PKCS11_TOKEN": "portal", "PKCS11_PIN": "135790"}
    del os.environ["SOFTHSM2_CONF"]


@dataclass
class SmtpSink:
    """A mail server that keeps what it is sent: envelopes of aiosmtpd, in order."""

    host: str
    port: int
    envelopes: list

    @property
    def url(self) -> str:
        """What EMAIL_URL is set to."""
        return f"smtp://{self.host}:{self.port}"


@pytest.fixture
def smtp_sink() -> Iterator[SmtpSink]:
    """A real SMTP server on the loopback address."""
    from aiosmtpd.controller import Controller  # of the dev requirements: `install` runs without them

    sink = SmtpSink("127.0.0.1", free_port(), [])

    class Keep:
        async def handle_DATA(self, server, session, envelope):
            sink.envelopes.append(envelope)
            return "250 OK"

    controller = Controller(Keep(), hostname=sink.host, port=sink.port)
    controller.start()
    yield sink
    controller.stop()


def _skip_without(need: Need) -> None:
    if not need.find():
        pytest.skip(f"needs {need.name}: {ENABLE}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip by marker what this run cannot do."""
    on_postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
    missing = {
        "postgres": None if on_postgres else "needs DATABASE_URL=postgres://…: `make test` sets it",
        "sqlite": "is about SQLite, this run is on PostgreSQL" if on_postgres else None,
        "redis": None if REDIS.find() else f"needs Redis: {ENABLE}",
        "browser": None if CHROMIUM.find() else f"needs Chromium: {ENABLE}",
    }
    for item in items:
        for marker, reason in missing.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """With CI=true nothing is skipped in silence: a skip fails."""
    report = yield
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped with CI=true: {reason}"
    return report


# --- As a program ----------------------------------------------------------------------------------


def install() -> int:
    """Install what is missing with apt-get, or say what will be skipped. Exit code."""
    missing = [need for need in NEEDS if not need.find()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        apt = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-q"]
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*apt, "update"], env=quiet, check=False)
        packages = [need.package for need in missing]
        subprocess.run([*apt, "install", "-y", "--no-install-recommends", *packages], env=quiet, check=False)
        missing = [need for need in missing if not need.find()]
    for need in missing:
        print(f"Tests that need {need.name} are skipped; to enable them install {need.package}.")
    return 1 if missing and CI else 0


def with_postgres(command: list[str], *, keeps: bool = False) -> int:
    """Run the command on a scratch cluster. Exit code: that of the command."""
    if not postgres_folder():
        print(f"Skipped, PostgreSQL is missing ({ENABLE}): {' '.join(command)}")
        return 1 if CI else 0
    with postgres(keeps=keeps) as url:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["install"]:
            sys.exit(install())
        case ["with-postgres", *command] if command:
            sys.exit(with_postgres(command))
        case ["with-kept-postgres", *command] if command:
            sys.exit(with_postgres(command, keeps=True))
        case _:
            sys.exit(__doc__)
