"""The verifier of outsiders: one file, plain Python, an empty folder, nothing of the portal."""

import json
import shutil
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.audit import checkpoints, events, verifier
from tests.factories import NOW
from tests.portal.audit.tampering import cut_tail, rewrite
from tests.portal.audit.test_events import act, chain

__all__ = ["chain"]  # the fixture

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(chain, department, tmp_path):
    """A folder that export_audit wrote, after a checkpoint and one more event."""
    checkpoints.write(at=NOW)
    act(department, chữ="Hòa giải, “đối chiếu”", dòng="một\nhai")
    call_command("export_audit", str(tmp_path / "out"))
    return tmp_path / "out"


def check(folder, *arguments) -> tuple[int, dict]:
    """Run the verifier as an outsider does: -I no environment or own folder, -S no packages."""
    arguments = arguments or ("--checkpoints", "checkpoints-1.jsonl", "events.jsonl")
    command = [sys.executable, "-I", "-S", "verify_audit.py", "--key", "audit-key.pem", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={}, capture_output=True, text=True, timeout=60, check=False
    )
    assert not done.stderr
    return done.returncode, json.loads(done.stdout)


def change(path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_exported_trail_holds(exported):
    code, said = check(exported)
    assert (code, said["outcome"], said["events"], said["vouched_for_up_to_event"]) == (0, "good", 6, 5)


def test_both_checkpoint_files_are_compared(exported):
    both = ("--checkpoints", "checkpoints-1.jsonl", "--checkpoints", "checkpoints-2.jsonl", "events.jsonl")
    assert check(exported, *both)[0] == 0
    (exported / "checkpoints-2.jsonl").write_text("")
    code, said = check(exported, *both)
    assert (code, said["findings"][0]["place"]) == (1, "checkpoints-2.jsonl")


def test_checkpoint_file_alone_is_checked(exported):
    alone = ("--checkpoints", "checkpoints-1.jsonl")
    assert check(exported, *alone)[0] == 0
    change(exported / "checkpoints-1.jsonl", '"seq":5', '"seq":6')
    assert check(exported, *alone)[0] == 1


@pytest.mark.parametrize(("old", "new"), [("Hòa giải", "Hòa nhập"), ('"seq":6', '"seq":7'), ("{", "")])
def test_changed_export_is_named(exported, old, new):
    change(exported / "events.jsonl", old, new)
    code, said = check(exported)
    assert (code, said["outcome"]) == (1, "bad")
    assert said["findings"][0]["seq"] in {1, 6, 7}


def test_rewritten_chain_is_named(exported, tmp_path):
    rewrite(2)
    call_command("export_audit", str(tmp_path / "again"))
    code, said = check(tmp_path / "again")
    assert (code, said["findings"][0]["seq"]) == (1, 5)


def test_cut_tail_is_named(exported, tmp_path):
    cut_tail(4)
    call_command("export_audit", str(tmp_path / "again"))
    code, said = check(tmp_path / "again")
    assert (code, said["findings"][0]["seq"]) == (1, 4)


def test_missing_checkpoint_file_cannot_be_told(exported):
    assert check(exported, "--checkpoints", "elsewhere.jsonl", "events.jsonl")[0] == 2


def test_another_key_is_no_key_of_these_checkpoints(exported, settings, tmp_path):
    settings.CHECKPOINT_KEY_DIR = tmp_path / "other"
    settings.CHECKPOINT_DIRS = [tmp_path / "third", tmp_path / "fourth"]
    checkpoints.write(at=NOW)
    shutil.copy(tmp_path / "other" / "audit-key.pem", exported)
    assert check(exported)[0] == 1


@pytest.mark.parametrize("pem", ["", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_what_is_no_key_cannot_be_told(exported, pem):
    (exported / "audit-key.pem").write_text(pem)
    assert check(exported)[0] == 2


def test_export_is_refused_into_a_folder_that_is_there(exported):
    with pytest.raises(CommandError, match="does not exist yet"):
        call_command("export_audit", str(exported))


# --- The parts --------------------------------------------------------------------------------------
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.tuples(
    st.integers(1, 2**62),
    st.datetimes(timezones=st.timezones()),
    *[texts] * 1,
    st.none() | st.integers(0, 2**62),
    *[texts] * 10,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # a loaded machine draws slowly
@given(VALUES)
def test_text_of_both_is_one(values):
    """What the verifier hashes is what the portal's own canonical text says, any letters, any zone."""
    row, own = events.row_of(values)
    assert own == values[-1]
    assert verifier.digest(row) == verifier.hashlib.sha256(events.canonical(row).encode()).hexdigest()
    assert verifier.digest(json.loads(json.dumps(row, ensure_ascii=False))) == verifier.digest(row)


@pytest.fixture(scope="module")
def pair() -> tuple[rsa.RSAPrivateKey, verifier.Key]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    return key, verifier.read_key(pem_of(key))


def pem_of(key) -> str:
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(*form).decode()


def test_key_is_read_as_the_library_reads_it(pair):
    numbers = pair[0].public_key().public_numbers()
    assert pair[1] == (numbers.n, numbers.e)


def test_signature_of_the_library_is_accepted_and_no_other(pair):
    private, key = pair
    good = private.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
    assert verifier.is_signed(b"text", good, key)
    assert not verifier.is_signed(b"other", good, key)
    assert not verifier.is_signed(b"text", private.sign(b"text", padding.PKCS1v15(), hashes.SHA512()), key)
    assert not verifier.is_signed(b"text", good[:-1], key)
    assert not verifier.is_signed(b"text", b"\0" + good, key)
    assert not verifier.is_signed(b"text", bytes(len(good)), key)
    assert not verifier.is_signed(b"text", (int.from_bytes(good, "big") + key[0]).to_bytes(385, "big"), key)


@pytest.mark.parametrize(
    "weak",
    [
        lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
        lambda: rsa.generate_private_key(public_exponent=3, key_size=3072),
        lambda: ec.generate_private_key(ec.SECP256R1()),
    ],
)
def test_weak_or_foreign_key_is_refused(weak):
    with pytest.raises(ValueError, match="key"):
        verifier.read_key(pem_of(weak()))
