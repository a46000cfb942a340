"""Many heads sign at once over HTTP: every answer that says "signed" is in the file, once.

The portal runs as deployed: on PostgreSQL the Procfile's web process under a supervisor, on SQLite the one
command. Everybody comes from one address, signs in with password and one-time code, and types the PIN.
"""

import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from portal.files import store
from tests import scale
from tests.browser.steps import Phone
from tests.crowd import serving
from tests.crowd.files import Downloads, check_each_continues, signers
from tests.crowd.phones import Head
from tests.crowd.storms import Storm
from tests.servers import Cluster, cluster

pytestmark = [pytest.mark.soak, pytest.mark.slow]

SEED = int(os.environ.get("CROWD_SEED") or random.randrange(1_000_000))

SIGNERS = {"sqlite": scale.of(ci=8, full=46), "postgresql": scale.of(ci=12, full=200)}
ROUNDS = {"sqlite": scale.of(ci=1, full=2), "postgresql": scale.of(ci=1, full=6)}
IN_STORM = scale.of(ci=5, full=46)
KILLS = scale.of(ci=1, full=5)  # of workers, in each round
STOPS = scale.of(ci=1, full=2)  # of PostgreSQL, in each round
WITHIN = scale.of(ci=3.0, full=20.0)  # seconds
EACH_LOSES = 3  # one of so many loses the reply and sends again


@dataclass(frozen=True)
class Hall:
    """The portal, and its database server if it has one."""

    database: str
    running: serving.Running
    server: Cluster | None

    def invite(self, prefix: str, people: int, documents: int = 1) -> tuple[list[Head], list[int]]:
        """Make heads, and documents that all of them sign; let everybody sign in."""
        print(f"CROWD_SEED={SEED}")
        portal = self.running.portal
        made = serving.world(portal, f'make("{prefix}", {people}, {documents})')
        heads = [
            Head(portal.url, name, Phone(secret), random.Random(f"{SEED} {name}"))
            for name, secret in made["secrets"].items()
        ]
        with ThreadPoolExecutor(people) as pool:
            list(pool.map(Head.sign_in, heads))
        return heads, made["documents"]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("sqlite", marks=pytest.mark.sqlite),
        pytest.param("postgresql", marks=pytest.mark.postgres),
    ],
)
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    database, folder = request.param, tmp_path_factory.mktemp("crowd") / "var"
    with ExitStack() as stack:
        server, address, how = None, None, serving.ONE_COMMAND
        if database == "postgresql":
            server = stack.enter_context(cluster(keeps=True))
            address, how = server.url, serving.WEB_ALONE
        running = stack.enter_context(serving.running(folder, address, *how))
        yield Hall(database, running, server)


def sign_at_once(heads: list[Head], document: int, kept: Downloads) -> list[float]:
    """Let everybody open the room, then send at the same moment; return how long each waited, in seconds."""

    def sign(place: int) -> float:
        head, begun = heads[place], time.monotonic()
        page = head.sign(document, forms[place], loses_reply=place % EACH_LOSES == 0)
        waited = time.monotonic() - begun
        assert f"{full_name(head.name)}<" in page
        kept.keep(head.download(document))
        return waited

    with ThreadPoolExecutor(len(heads)) as pool:
        forms = list(pool.map(lambda head: head.fill_in(document), heads))
        return list(pool.map(sign, range(len(heads))))


def check_nothing_lost(hall: Hall, document: int, heads: list[Head], kept: Downloads) -> int:
    """Compare what people were told with the file and the rows; return how many downloads were checked."""
    final = heads[0].download(document)
    kept.keep(final)
    counts = kept.check()
    assert counts == sorted(set(counts))
    records = serving.world(hall.running.portal, f"show({document})")
    rows, each_once = records["signed"], list(range(1, len(heads) + 1))
    assert Counter(name for name, *_rest in rows) == Counter(head.name for head in heads)
    assert [seq for _name, _field, seq, _sha256 in rows] == sorted(records["events"]) == each_once
    assert records["chain"] == "good"
    revisions = [sha256 for *_rest, sha256 in rows]
    assert set(revisions) >= set(kept.kept)
    check_each_continues([stored(hall, sha256) for sha256 in revisions])
    in_file = signers(final, kept.folder)
    assert in_file == {field: full_name(name) for name, field, *_rest in rows}
    return len(counts)


def stored(hall: Hall, sha256: str) -> bytes:
    """Return a revision as it lies in the portal's store."""
    return (hall.running.portal.folder / "files" / store.relative_path(sha256)).read_bytes()


def full_name(name: str) -> str:
    """Return what tests.crowd.world calls a head."""
    return f"Nguyễn Văn {name.lstrip('abcdefghijklmnopqrstuvwxyz')}"


def heard(heads: list[Head]) -> Counter[str]:
    """Return what all of them were told on the way, and forget it."""
    told = sum((head.heard for head in heads), Counter())
    for head in heads:
        head.heard.clear()
    return told


def test_who_was_told_signed_is_in_the_file_once(hall, tmp_path, evidence):
    heads, (document,) = hall.invite("head", SIGNERS[hall.database])
    kept, begun = Downloads(tmp_path), time.monotonic()
    waits = sorted(sign_at_once(heads, document, kept))
    all_within = time.monotonic() - begun
    checked = check_nothing_lost(hall, document, heads, kept)
    evidence(
        "signing-at-once",
        signers=len(heads),
        lost=0,
        doubled=0,
        downloads_valid_and_each_a_prefix_of_the_next=checked,
        heard_on_the_way=dict(heard(heads)),
        p50_seconds=round(statistics.median(waits), 1),
        p95_seconds=round(waits[int(0.95 * (len(waits) - 1))], 1),
        all_within_seconds=round(all_within, 1),
        seed=SEED,
    )


def test_nothing_is_lost_in_a_storm(hall, tmp_path, evidence):
    heads, documents = hall.invite("stormy", IN_STORM, ROUNDS[hall.database])
    stops = STOPS if hall.server else 0
    done, begun = Counter(), time.monotonic()
    for number, document in enumerate(documents, 1):
        chance = random.Random(f"{SEED} storm {number}")
        storm = Storm(hall.running, hall.server, kills=KILLS, stops=stops, within=WITHIN, chance=chance)
        kept = Downloads(tmp_path / str(document))
        storm.start()
        sign_at_once(heads, document, kept)
        storm.join()
        assert storm.done == {"workers killed": KILLS, "databases stopped": stops}
        done += storm.done + Counter(downloads=check_nothing_lost(hall, document, heads, kept))
        done += Counter(documents=1, signatures=len(heads)) + heard(heads)
        evidence(
            "signing-in-a-storm",
            lost=0,
            doubled=0,
            **{name.replace(" ", "_"): figure for name, figure in done.items()},
            seconds=round(time.monotonic() - begun),
            seed=SEED,
        )
