"""Programme files that are refused, each with its line, nothing written."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from portal.agencies.models import Agency
from portal.audit.models import Event
from tasks.loading import checking, reading
from tasks.loading.errors import FileRefused
from tasks.models import LegalBasis, Programme
from tests.tasks.programme_files import SMALL, changed, line_of

Load = Callable[[str | bytes], None]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def run(text: str | bytes) -> None:
        path = tmp_path / "programme.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with translation.override("en"):
            call_command("load_programme", str(path), verbosity=0)

    return run


def refusal(text: str) -> FileRefused:
    with translation.override("en"), pytest.raises(FileRefused) as caught:
        checking.check(reading.parse(text.encode()), registered=())
    return caught.value


LEAD = "  lead: SXD\n"


def period(data_to: str) -> str:
    """Return a section of periods, to be put before the assignments."""
    row = f"{{code: a, type: annual, data_from: 2023-01-01, data_to: {data_to}, due: 2023-01-02}}"
    return f"reporting_periods: [{row}]\nassignments:"


CASES = [
    ("unknown agency", LEAD, "  lead: XYZ\n", "There is no agency “XYZ”"),
    ("two leads", LEAD, "  lead: [SXD, BCHQS]\n", "exactly one agency leads"),
    ("lead twice", LEAD, LEAD + "  lead: BCHQS\n", "“lead” stands here twice"),
    ("lead coordinates", "coordinating: []", "coordinating: [SXD]", "cannot coordinate it too"),
    ("duplicate assignment", "code: '2.01'", "code: '1.01'", "“1.01” stands on line"),
    ("duplicate agency", "- code: SXD\n", "- code: BCHQS\n", "“BCHQS” stands on line"),
    ("duplicate signatory", "UBMTTQ, SXD]\nagencies", "UBMTTQ, BCHQS]\nagencies", "stands on line"),
    ("name of two lines", "name_vi: Sở Xây dựng\n", 'name_vi: "Sở\\nXây dựng"\n', "in one line"),
    ("dates in wrong order", "'2023-02-01'", "'2023-12-31'", "ends before it begins"),
    (
        "agency ends first",
        "valid_to: '2025-02-28'",
        "valid_from: '2025-03-01'\n  valid_to: '2025-02-28'",
        "ends before",
    ),
    ("no such day", "'2023-03-31'", "'2023-02-30'", "“2023-02-30” is not a date"),
    ("no such task", "task: 2", "task: 3", "no priority task 3"),
    ("no such solution", "solution: [1, 2]", "solution: [1, 9]", "no solution 9"),
    ("misspelt key", "  cycle:", "  cicle:", "“cicle” is not known here"),
    ("unknown cycle", "quarterly", "weekly", "“weekly” is not one of"),
    ("number for text", "title_vi: Nhiệm vụ hai", "title_vi: 2023", "has to be a text"),
    ("negative target", "target: 12.5", "target: -1", "breaks the limit minimum: 0"),
    ("target is no figure", "target: 12.5", "target: .inf", "no plain kind"),
    ("nothing behind zero", "title_vi: Nhiệm vụ hai", 'title_vi: "a\\0b"', "no plain kind"),
    ("half a letter", "title_vi: Nhiệm vụ hai", 'title_vi: "\\ud800"', "not valid YAML"),
    ("code as a figure", "code: '2.01'", "code: 2.01", "has to be a text"),
    (
        "period of one day",
        "assignments:",
        period("2023-01-01"),
        "in this order",
    ),
    (
        "period due too early",
        "assignments:",
        period("2023-02-01"),
        "in this order",
    ),
    ("same host", "co_host: UBMTTQ", "co_host: BCHQS", "the same agency"),
    ("host does not sign", "[BCHQS, UBMTTQ, SXD]", "[UBMTTQ, SXD]", "are signatories too"),
    ("alias", "title_vi: Nhiệm vụ hai", "title_vi: *a", "aliases (*) are not accepted"),
    ("anchor", "title_vi: Nhiệm vụ hai", "title_vi: &a x", "aliases (*) are not accepted"),
    ("object", "title_vi: Nhiệm vụ hai", "title_vi: !!python/name:os.system x", "no plain kind"),
    ("malformed", "title_vi: Nhiệm vụ hai", "title_vi: [", "not valid YAML"),
]


@pytest.mark.parametrize(
    ("old", "new", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_bad_file_is_refused_with_its_reason(old: str, new: str, says: str) -> None:
    assert says in refusal(changed(old, new)).text()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (LEAD, "  lead: XYZ\n", line_of(LEAD)),
        ("'2023-03-31'", "'2023-02-30'", line_of("'2023-03-31'")),
        ("task: 2", "task: 3", line_of("task: 2")),
        ("  cycle:", "  cicle:", line_of("  cycle:")),
        ("code: '2.01'", "code: '1.01'", line_of("code: '2.01'")),
        ("title_vi: Nhiệm vụ hai", "title_vi: *a", line_of("title_vi: Nhiệm vụ hai")),
    ],
)
def test_refusal_names_the_line(old: str, new: str, line: int) -> None:
    assert {problem.line for problem in refusal(changed(old, new)).problems} == {line}


def test_all_problems_are_named_at_once() -> None:
    text = changed(LEAD, "  lead: XYZ\n").replace("task: 2", "task: 3")
    assert len(refusal(text).problems) == 2


def test_missing_section_is_named() -> None:
    text = refusal(SMALL[: SMALL.index("solutions:")]).text()
    assert "“solutions” is missing" in text
    assert "“assignments” is missing" in text


@pytest.mark.parametrize("raw", [b"", b"# only a comment\n", b"- 1\n", b"text\n", b"\xff\xfe\x00"])
def test_what_is_no_programme_is_refused(raw: bytes) -> None:
    with pytest.raises(FileRefused):
        checking.check(reading.parse(raw), registered=())


def test_large_file_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(FileRefused, match="5 MB"):
        reading.parse(b"#" * (reading.LIMIT + 1))


def test_deep_file_is_refused() -> None:
    with translation.override("en"), pytest.raises(FileRefused, match="nested too deeply"):
        reading.parse(b"[" * 1000)


def test_file_of_very_many_values_is_refused() -> None:
    with translation.override("en"), pytest.raises(FileRefused, match="too many values"):
        reading.parse(b"[" + b"1," * reading.MOST_VALUES + b"]")


def test_ten_thousand_laughs_are_refused() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"k{n}: &k{n} [*a, *a]\n" for n in range(50))
    with translation.override("en"), pytest.raises(FileRefused, match="line 1"):
        reading.parse(bomb.encode())


def test_unquoted_dates_are_dates_too() -> None:
    text = SMALL.replace("'2023-03-31'", "2023-03-31")
    checking.check(reading.parse(text.encode()), registered=())


def test_agency_of_the_register_need_not_stand_in_the_file() -> None:
    text = changed(LEAD, "  lead: CAT\n")
    checking.check(reading.parse(text.encode()), registered={"CAT"})


# --- The command ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_nothing_of_a_bad_file_is_written(load: Load) -> None:
    with pytest.raises(CommandError, match=r"line \d+: There is no agency “XYZ”"):
        load(changed(LEAD, "  lead: XYZ\n"))
    for model in (Agency, Programme, LegalBasis, Event):
        assert not model.objects.exists()


@pytest.mark.django_db
def test_file_that_is_not_there_is_refused() -> None:
    with translation.override("en"), pytest.raises(CommandError, match="cannot be read"):
        call_command("load_programme", "/nowhere/programme.yaml")


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["--year=23", "--year=abc", "--as-of=2023-02-30", "--as-of=today"])
def test_bad_option_is_refused(option: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("load_programme", str(tmp_path / "x.yaml"), option)
