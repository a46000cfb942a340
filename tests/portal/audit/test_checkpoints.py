"""Signed checkpoints: written to two places, and every way around them is refused or named."""

import datetime as dt
import json
import stat

import pytest
from django.core.management import CommandError, call_command

from portal.audit import checkpoints, jobs, verification, verifier
from portal.audit.models import Event, Head
from tests.factories import NOW
from tests.portal.audit.tampering import cut_tail, rewrite
from tests.portal.audit.test_events import act, chain, without_triggers

__all__ = ["chain"]  # the fixture

pytestmark = pytest.mark.django_db
LATER = NOW + checkpoints.SHORTEST_GAP


@pytest.fixture
def signed(chain, department, places):
    """Five events, a checkpoint, three more events, another checkpoint."""
    checkpoints.write(at=NOW)
    act(department, count=3)
    checkpoints.write(at=LATER)
    return places


def lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


# --- Writing ----------------------------------------------------------------------------------------
def test_checkpoint_stands_in_both_places_with_the_key_beside(signed):
    first, second = (lines(path) for path in signed)
    assert first == second
    assert [(one["number"], one["seq"], one["count"]) for one in first] == [(1, 5, 5), (2, 8, 8)]
    assert first[1]["head_sha256"] == Head.objects.get().sha256
    assert {(p.parent / "audit-key.pem").read_text() for p in signed} == {checkpoints.public_key()}
    assert first[0]["key_sha256"] == checkpoints.key_sha256(checkpoints.public_key())


def test_private_key_is_for_the_portal_only(signed, settings):
    mode = (settings.CHECKPOINT_KEY_DIR / "private.pem").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_nothing_new_is_not_signed_again(signed):
    assert checkpoints.write(at=LATER + dt.timedelta(days=1)) is None
    assert len(lines(signed[0])) == 2


def test_busy_portal_is_signed_once_in_five_minutes(signed, department):
    act(department)
    assert checkpoints.write(at=LATER + dt.timedelta(minutes=4)) is None
    assert checkpoints.write(at=LATER + dt.timedelta(minutes=5))["seq"] == 9


def test_empty_chain_is_not_signed(places):
    assert checkpoints.write(at=NOW) is None
    assert not places[0].exists()


def test_lost_key_is_not_made_anew(signed, department, settings):
    (settings.CHECKPOINT_KEY_DIR / "private.pem").unlink()
    act(department)
    with pytest.raises(checkpoints.CheckpointRefused, match="key"):
        checkpoints.write(at=LATER + checkpoints.SHORTEST_GAP)


def test_place_that_stopped_short_is_levelled(signed, department):
    """A crash between the two places, in the middle of a line."""
    content = signed[1].read_bytes()
    signed[1].write_bytes(content[:-40])
    act(department)
    checkpoints.write(at=LATER + checkpoints.SHORTEST_GAP)
    assert lines(signed[0]) == lines(signed[1])
    assert verification.verify().outcome == "good"


def test_one_place_away_does_not_stop_the_other(chain, places):
    places[0].parent.write_text("a file where the folder should be")
    checkpoints.write(at=NOW)
    assert len(lines(places[1])) == 1


def test_no_place_at_all_is_an_error(chain, places):
    for place in places:
        place.parent.write_text("a file where the folder should be")
    with pytest.raises(checkpoints.CheckpointRefused):
        checkpoints.write(at=NOW)


def test_chain_that_was_rewritten_is_not_signed(signed, department, caplog):
    rewrite(3)
    act(department)
    with pytest.raises(checkpoints.CheckpointRefused, match="checkpoint 2"):
        checkpoints.write(at=LATER + checkpoints.SHORTEST_GAP)
    jobs.write_checkpoint()
    assert "no checkpoint" in caplog.text
    assert len(lines(signed[0])) == 2


# --- What verification finds ----------------------------------------------------------------------
def test_signed_chain_is_good(signed):
    report = verification.verify()
    assert (report.outcome, report.vouched_seq, report.checkpoints) == ("good", 8, 2)


def test_chain_without_checkpoints_cannot_be_told(chain):
    report = verification.verify()
    assert (report.outcome, report.ok, report.reason) == ("cannot_tell", True, verification.NO_CHECKPOINT)


def test_rewritten_middle_is_named(signed):
    """Changed and chained again up to the head: the chain holds in itself, the checkpoints do not."""
    rewrite(6)
    report = verification.verify()
    assert (report.outcome, report.bad_seq) == ("bad", 8)
    assert "what follows event 5 was rewritten" in report.reason


def test_cut_tail_is_named_though_the_head_was_cut_too(signed):
    cut_tail(7)
    report = verification.verify()
    assert (report.outcome, report.bad_seq) == ("bad", 7)
    assert "checkpoint 2" in report.reason


def test_cut_and_grown_again_is_named(signed, department):
    cut_tail(7)
    act(department, count=5, other="text")
    report = verification.verify()
    assert (report.outcome, report.bad_seq) == ("bad", 8)


def test_missing_file_is_named(signed):
    signed[1].unlink()
    report = verification.verify()
    assert (report.outcome, report.findings[0].place) == ("bad", str(signed[1]))


def test_both_files_missing_cannot_be_told(signed):
    for path in signed:
        path.unlink()
    assert verification.verify().outcome == "cannot_tell"


def test_shorter_place_is_named(signed):
    content = signed[1].read_bytes().splitlines(keepends=True)
    signed[1].write_bytes(content[0])
    (finding,) = verification.verify().findings
    assert (finding.place, finding.number) == (str(signed[1]), 2)


@pytest.mark.parametrize("name", ["seq", "count", "at", "head_sha256", "number", "prev_sha256", "set_back"])
def test_changed_line_is_named(signed, name):
    first, second = lines(signed[0])
    second[name] = 7 if isinstance(second[name], int) else "khác"
    signed[0].write_text("\n".join(map(json.dumps, (first, second))) + "\n")
    findings = verification.verify().findings
    assert (findings[0].place, findings[0].number) == (str(signed[0]), 2)


@pytest.mark.parametrize("garbage", [b"{}\n", b"[1]\n", b"\xff\xfe\n", b"[" * 50_000 + b"\n"])
def test_garbage_is_named(signed, garbage):
    signed[0].write_bytes(signed[0].read_bytes() + garbage)
    assert "the line is damaged" in verification.verify().reason


def test_line_taken_out_is_named(signed):
    for path in signed:
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[1])
    assert "a checkpoint is missing before this one" in verification.verify().reason


def test_lines_of_another_key_are_named(signed, settings, tmp_path):
    settings.CHECKPOINT_KEY_DIR = tmp_path / "other"
    settings.CHECKPOINT_DIRS = [tmp_path / "third", tmp_path / "fourth"]
    checkpoints.write(at=NOW)
    settings.CHECKPOINT_DIRS = [path.parent for path in signed]
    assert "another key signed it" in verification.verify().reason


def test_places_that_disagree_are_named(signed):
    """Both are signed well: one was taken from a copy that went its own way."""
    second = signed[1].read_bytes().splitlines(keepends=True)
    signed[1].write_bytes(second[0])
    key = checkpoints._private_key(may_make=False)
    other = checkpoints._sign(key, json.loads(second[0]), Head.objects.get(), at=NOW, set_back="")
    signed[1].write_bytes(second[0] + json.dumps(other).encode() + b"\n")
    report = verification.verify()
    assert (report.outcome, report.findings[0].number) == ("bad", 2)
    assert "says something else" in report.reason


# --- A restored backup ------------------------------------------------------------------------------
def test_restored_copy_is_named_until_an_operator_signs_why(signed, department):
    cut_tail(7)
    act(department)
    assert verification.verify().outcome == "bad"
    with pytest.raises(CommandError, match="does not continue"):
        call_command("write_checkpoint")
    call_command("write_checkpoint", "--restored", "đĩa hỏng, khôi phục bản sao đêm 14/3")
    report = verification.verify()
    assert (report.outcome, report.vouched_seq) == ("good", 7)
    assert lines(signed[0])[2]["set_back"].startswith("đĩa hỏng")


def test_what_stands_before_the_set_back_must_still_agree(signed, department):
    cut_tail(7)
    act(department)
    call_command("write_checkpoint", "--restored", "đĩa hỏng")
    rewrite(2)
    assert verification.verify().bad_seq == 5


# --- The daily walk -------------------------------------------------------------------------------------
TODAY = NOW.date()


def go_on(**options):
    return verification.go_on(at=LATER, today=TODAY, **options)


def test_walk_is_carried_on_in_pieces(signed):
    outcomes = [(run.outcome, run.reached_seq) for run in (go_on(piece=3) for _ in range(4))]
    assert outcomes == [("unfinished", 3), ("unfinished", 6), ("good", 8), ("good", 8)]


def test_walk_goes_on_to_new_events(signed, department):
    go_on()
    act(department, count=2)
    run = go_on()
    assert (run.outcome, run.reached_seq, run.checkpoint_seq) == ("good", 10, 8)


def test_bad_walk_is_told_once(signed, caplog):
    without_triggers("UPDATE audit_event SET verb = 'khác' WHERE seq = 3")
    assert (go_on().outcome, go_on().bad_seq) == ("bad", 3)
    assert caplog.text.count("the audit trail does not hold") == 1
    assert Event.objects.filter(verb="audit.found_bad").count() == 1


def test_tail_cut_after_the_walk_is_found(signed):
    go_on()
    cut_tail(7)
    run = go_on()
    assert (run.outcome, run.bad_seq) == ("bad", 8)


def test_files_that_vanish_after_a_walk_are_bad(signed):
    go_on()
    for path in signed:
        path.unlink()
    assert go_on().outcome == "bad"


def test_walk_without_checkpoints_cannot_tell(chain):
    assert go_on().outcome == "cannot_tell"


def test_job_verifies_today(signed):
    jobs.verify_audit()
    assert verification.Verification.objects.get().outcome == "good"


def test_start_of_both_is_the_same():
    assert Head.objects.get().sha256 == verifier.START_SHA256
