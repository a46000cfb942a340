"""Time-stamps of the portal's own authority: whom OpenSSL believes, what is refused, who is believed when."""

import datetime as dt
import hashlib
import subprocess
from pathlib import Path

import pytest
from asn1crypto import tsp
from django.db import connection

from agreements import keys, pki, timestamps
from agreements.keys import StampAuthority, tokens
from agreements.keys.certificates import der
from agreements.models import Timestamp
from portal.lib.errors import RuleError
from tests.agreements.pdf_tools import tool
from tests.factories import NOW

KEK = b"k" * 32
DATA = b"Chuong trinh phoi hop"
AT = NOW + dt.timedelta(seconds=5, microseconds=900_000)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> StampAuthority:
    folder = tmp_path_factory.mktemp("tsa") / "tsa"
    keys.create_stamp_authority(folder, KEK, common_name="Cổng phối hợp", at=NOW, demo=True)
    return StampAuthority.load(folder, KEK)


def request(**changes: object) -> bytes:
    imprint = {
        "hash_algorithm": {"algorithm": changes.pop("algorithm", "sha256")},
        "hashed_message": changes.pop("digest", hashlib.sha256(DATA).digest()),
    }
    values = {"version": "v1", "message_imprint": imprint, "nonce": 7, "cert_req": True}
    return tsp.TimeStampReq(values | changes).dump()


def openssl(*words: object, ok: bool = True) -> str:
    done = subprocess.run(
        [tool("openssl"), "ts", *map(str, words)], capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) is ok, done.stderr
    return done.stdout


# --- What OpenSSL says ------------------------------------------------------------------------------
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_openssl_asks_and_believes_the_answer(authority: StampAuthority, tmp_path: Path, digest: str) -> None:
    data, query, answer = (tmp_path / name for name in ("data", "query", "answer"))
    data.write_bytes(DATA)
    openssl("-query", "-data", data, f"-{digest}", "-cert", "-out", query)
    answer.write_bytes(authority.answer(query.read_bytes(), serial=1, at=AT))
    believed = ("-CAfile", authority.folder / "root.pem", "-attime", int(AT.timestamp()))
    assert "Verification: OK" in openssl("-verify", "-queryfile", query, "-in", answer, *believed)
    assert "Verification: OK" in openssl("-verify", "-data", data, "-in", answer, *believed)
    data.write_bytes(DATA + b"!")
    openssl("-verify", "-data", data, "-in", answer, *believed, ok=False)


def test_openssl_does_not_believe_another_root(authority: StampAuthority, tmp_path: Path) -> None:
    keys.create_stamp_authority(tmp_path / "other", KEK, common_name="Cổng phối hợp", at=NOW, demo=True)
    answer, query = tmp_path / "answer", tmp_path / "query"
    query.write_bytes(request())
    answer.write_bytes(authority.answer(request(), serial=1, at=AT))
    believed = ("-CAfile", tmp_path / "other" / "root.pem", "-attime", int(AT.timestamp()))
    openssl("-verify", "-queryfile", query, "-in", answer, *believed, ok=False)


# --- What is stamped, and what is refused -----------------------------------------------------------
def facts(answer: bytes) -> dict:
    token = tsp.TimeStampResp.load(answer, strict=True)["time_stamp_token"]
    return token["content"]["encap_content_info"]["content"].parsed.native


def test_token_says_what_was_asked(authority: StampAuthority) -> None:
    said = facts(authority.answer(request(), serial=2**70, at=AT))
    assert said["message_imprint"]["hashed_message"] == hashlib.sha256(DATA).digest()
    assert (said["serial_number"], said["nonce"], said["policy"]) == (2**70, 7, tokens.POLICY)
    assert said["gen_time"] == AT.replace(microsecond=0)
    assert said["accuracy"]["seconds"] == 1
    assert (
        facts(authority.answer(request(req_policy=tokens.POLICY), serial=1, at=AT))["policy"] == tokens.POLICY
    )


def test_certificate_comes_when_it_is_asked_for(authority: StampAuthority) -> None:
    answers = [authority.answer(request(cert_req=asked), serial=1, at=AT) for asked in (True, False)]
    held = [
        tsp.TimeStampResp.load(answer)["time_stamp_token"]["content"]["certificates"].native
        for answer in answers
    ]
    assert (len(held[0]), held[1]) == (1, None)


EXTENSION = {"extn_id": "1.2.3.4", "critical": False, "extn_value": b"x"}
REFUSED = [
    (b"", "bad_data_format"),
    (b"GET / HTTP/1.1", "bad_data_format"),
    (request()[:-1], "bad_data_format"),
    (request() + b"\0", "bad_data_format"),
    (request(digest=b"d" * 31), "bad_data_format"),
    (request(digest=b"d" * 64), "bad_data_format"),
    (request(algorithm="sha1", digest=b"d" * 20), "bad_alg"),
    (request(algorithm="md5", digest=b"d" * 16), "bad_alg"),
    (request(req_policy="1.2.3.4"), "unaccepted_policy"),
    (request(extensions=[EXTENSION]), "unaccepted_extensions"),
]


@pytest.mark.parametrize(("asked", "code"), REFUSED)
def test_what_is_not_stamped_here_is_refused(authority: StampAuthority, asked: bytes, code: str) -> None:
    with pytest.raises(keys.StampRefused) as refusal:
        tokens.read_request(asked)
    assert refusal.value.code == code
    refused = tsp.PKIStatusInfo.load(
        tokens._Refusal.load(authority.answer(asked, serial=1, at=AT))["status"].dump()
    )
    assert (refused["status"].native, refused["fail_info"].native) == ("rejection", {code})


def test_openssl_reads_a_refusal(authority: StampAuthority, tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(authority.answer(b"junk", serial=1, at=AT))
    assert "Status: Rejected." in openssl("-reply", "-in", tmp_path / "answer", "-text")


@pytest.mark.parametrize("days", [-1, 4 * 365 + 2, 7 * 365])
def test_nothing_is_stamped_outside_of_the_stamping_life(authority: StampAuthority, days: int) -> None:
    """Four years is late enough: what a certificate of six years stamps must live for two."""
    answer = authority.answer(request(), serial=1, at=NOW + dt.timedelta(days=days))
    assert tokens._Refusal.load(answer)["status"]["fail_info"].native == {"time_not_available"}


# --- Files ----------------------------------------------------------------------------------------
def test_new_key_follows_and_the_old_one_is_destroyed(tmp_path: Path) -> None:
    folder = tmp_path / "tsa"
    keys.create_stamp_authority(folder, KEK, common_name="Cổng", at=NOW, demo=False)
    old, later = StampAuthority.load(folder, KEK), NOW + dt.timedelta(days=730)
    before = old.certificates()
    assert old.rotates_at == later
    keys.add_stamp_key(folder, KEK, at=later)
    new = StampAuthority.load(folder, KEK)
    assert new.root == old.root
    assert new.certificates() == (*before, der(new.certificate))
    assert sorted(path.name for path in folder.iterdir()) == [
        *("root.key", "root.pem", "stamp-1.pem", "stamp-2.key", "stamp-2.pem")
    ]


def test_crash_while_a_key_is_made_leaves_the_old_one_at_work(tmp_path: Path) -> None:
    folder = tmp_path / "tsa"
    keys.create_stamp_authority(folder, KEK, common_name="Cổng", at=NOW, demo=False)
    (folder / "stamp-2.key").write_bytes(b"half")
    assert keys.newest_stamp(folder) == 1
    keys.add_stamp_key(folder, KEK, at=NOW)
    assert keys.newest_stamp(folder) == 3
    assert not (folder / "stamp-2.key").exists()


def test_authority_is_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "tsa"
    keys.create_stamp_authority(folder, KEK, common_name="Cổng", at=NOW, demo=False)
    with pytest.raises(keys.AuthorityError):
        keys.create_stamp_authority(folder, KEK, common_name="Cổng", at=NOW, demo=False)
    assert [path.name for path in tmp_path.iterdir()] == ["tsa"]


def test_other_key_encryption_key_opens_nothing(authority: StampAuthority) -> None:
    with pytest.raises(keys.KeyDamaged):
        StampAuthority.load(authority.folder, b"x" * 32)


# --- In the portal ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_older_authority_gets_its_time_stamps_later(settings):
    """Data of a release before: certificates are there, nothing of time-stamps."""
    pki.authority(at=NOW)
    assert timestamps.authority(at=AT) is timestamps.authority(at=AT)
    assert Path(settings.PKI_DIR).with_name("pki-tsa").is_dir()
    assert timestamps.authority(at=AT).root in pki.trust(at=AT).stamp_roots


@pytest.mark.django_db
def test_no_serial_number_is_given_twice(settings):
    """Also not by a database that was set back to a copy: half of the number is random."""
    numbers = {facts(timestamps.stamp(at=AT)(request()))["serial_number"] for _ in range(20)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM agreements_timestamp")
        (newest,) = cursor.fetchone()
    again = timestamps.Stamp(newest, AT)
    numbers |= {facts(again(request()))["serial_number"] for _ in range(2)}
    assert len(numbers) == 22


@pytest.mark.django_db
def test_clock_that_was_set_back_stamps_nothing():
    timestamps.authority(at=NOW - dt.timedelta(days=1))
    timestamps.stamp(at=AT)
    timestamps.stamp(at=AT - timestamps.SET_BACK + dt.timedelta(seconds=1))
    with pytest.raises(RuleError, match="Đồng hồ"):
        timestamps.stamp(at=AT - 2 * timestamps.SET_BACK)
    assert Timestamp.objects.count() == 2


@pytest.mark.django_db
def test_key_follows_by_itself_after_two_years():
    first = timestamps.authority(at=NOW)
    assert not timestamps.rotate_if_due(at=first.rotates_at - dt.timedelta(seconds=1))
    assert timestamps.rotate_if_due(at=first.rotates_at)
    second = timestamps.authority(at=first.rotates_at)
    assert (first.root, len(second.certificates())) == (second.root, 2)
    assert not timestamps.rotate_if_due(at=first.rotates_at)
