"""The way of a year at the screen, from the draft to the signed text and on into the next year.

Buttons are found by where they lead, so that the same way is walked in Vietnamese and in English, on
the demonstration and in a province that begins with an empty portal.
"""

import datetime as dt
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from portal.lib.dates import LOCAL
from tests.browser.forms import done, form_of, press, send

Look = Callable[[Page, str], None]


# --- Papers -------------------------------------------------------------------------------------------------
def words_of(page: Page, link: str, folder: Path) -> str:
    """Return what the paper says to which the page has a link with this ending."""
    said = subprocess.run(
        ["pdftotext", "-raw", download(page, link, folder), "-"], capture_output=True, text=True, check=True
    )
    return " ".join(said.stdout.split())


def download(page: Page, link: str, folder: Path) -> Path:
    """Keep the file to which the page has a link with this ending, and return where."""
    with page.expect_download() as waiting:
        page.locator(f"main a[href$='{link}']").first.click()
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


def valid_signatures(file: Path) -> int:
    """Return how many signatures a paper has; all of them must be valid."""
    said = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=False).stdout
    count = said.count("Signature Validation:")
    assert said.count("Signature is Valid.") == count, said
    return count


# --- The year -----------------------------------------------------------------------------------------------
@dataclass
class Journey:
    """One programme on its way; it remembers the addresses of its consultation, conference and paper."""

    year: int
    look: Look  # opens a page, and asks of it what the journey asks of every page
    consultation: str = ""
    conference: str = ""
    paper: str = ""

    # --- Consultation
    def send_out(self, officer: Page) -> None:
        """Keep a version of the draft and ask every signatory about it."""
        self.look(officer, f"/consultations/drafts/{self.year}/")
        officer.locator("[name=label]").fill("Bản lấy ý kiến")
        press(officer, "/take/")
        officer.locator("[name=closes_on]").fill((dt.date.today() + dt.timedelta(days=14)).isoformat())
        press(officer, "/open/")
        self.consultation = officer.url

    def comment(self, focal_point: Page, place: str, words: str) -> None:
        """Write a comment on a place of the text and hand the answer to the head."""
        self.look(focal_point, f"{self.consultation}?place={place}")
        form_of(focal_point, "/comment/").locator("[name=proposal]").fill(words)
        press(focal_point, "/comment/")
        press(focal_point, "/submit/")

    def answer(self, head: Page, step: str = "/submit/") -> None:
        """Send the agency's answer as it stands, in one click; without comments it agrees."""
        self.look(head, self.consultation)
        press(head, step)

    def accept_comment(self, officer: Page, words: str) -> None:
        """Take over the first comment that waits."""
        self.look(officer, self.consultation)
        officer.locator("main a[href*='/consultations/comments/']").first.click()
        officer.locator("[name=decision][value=accepted]").check()
        officer.locator("[name=response]").fill(words)
        send(officer)

    def move_deadline(self, officer: Page, code: str, day: dt.date) -> None:
        self.look(officer, f"/drafting/{self.year}/")
        row = officer.locator("tbody tr", has=officer.locator(f"td:text-is('{code}')"))
        row.locator("[name=rows]").check()
        officer.locator("form[action$='/change/'] [name=deadline_on]").fill(day.isoformat())
        with officer.expect_navigation():
            officer.locator("form[action$='/change/'] [type=submit]").last.click()
        send(officer)

    def close_consultation(self, officer: Page, folder: Path) -> str:
        """Publish the table of comments and answers, and return what its paper says."""
        self.look(officer, self.consultation)
        with officer.expect_navigation():
            officer.locator("form[action$='/close/'] button:not([name])").click()
        done(officer)
        self.look(officer, f"{self.consultation}table/")
        return words_of(officer, "/paper/", folder)

    # --- The conference
    def prepare_conference(self, officer: Page, *, secretary: str, place: str, item: str) -> None:
        """Plan it for tomorrow; `secretary` is a name."""
        self.look(officer, f"/conferences/new/{self.year}/")
        self._fill_day(officer, dt.datetime.now(LOCAL) + dt.timedelta(days=1))
        officer.locator("[name=place]").fill(place)
        officer.locator("[name='agenda-0-starts']").fill("08:00")
        officer.locator("[name='agenda-0-title']").fill(item)
        officer.locator("[name=chair]").select_option(index=1)
        option = officer.locator("[name=secretary] option", has_text=secretary)
        officer.locator("[name=secretary]").select_option(option.get_attribute("value"))
        send(officer)
        self.conference = officer.url

    def invite(self, officer: Page) -> None:
        self.look(officer, self.conference)
        press(officer, "/invite/")

    def begin_now(self, officer: Page) -> None:
        """Write down that it began two minutes ago, earlier than it was called."""
        self.look(officer, f"{self.conference}edit/")
        self._fill_day(officer, dt.datetime.now(LOCAL) - dt.timedelta(minutes=2))
        send(officer)

    def _fill_day(self, officer: Page, starts_at: dt.datetime) -> None:
        for name in ("on", "delegates_until"):
            officer.locator(f"[name={name}]").fill(starts_at.date().isoformat())
        officer.locator("[name=starts]").fill(starts_at.strftime("%H:%M"))

    def name_delegate(self, page: Page, code: str, name: str) -> None:
        self.look(page, f"{self.conference}agencies/{code}/")
        form = form_of(page, "/name/")
        form.locator("[name=name]").fill(name)
        form.locator("[name=position]").fill("Giám đốc")
        press(page, "/name/")

    def take_attendance(self, officer: Page) -> None:
        """Tick whoever was named."""
        self.look(officer, f"{self.conference}attendance/")
        for box in officer.locator("[name=present]").all():
            box.check()
        send(officer)

    def speak(self, page: Page, code: str, words: str, about: str = "") -> None:
        """Say something, of the whole text or of the place whose name holds the words `about`."""
        self.look(page, f"{self.conference}agencies/{code}/")
        form = form_of(page, "/contribute/")
        if about:
            place = form.locator("[name=about] option", has_text=about)
            form.locator("[name=about]").select_option(place.get_attribute("value"))
        form.locator("[name=text]").fill(words)
        press(page, "/contribute/")

    def agree(self, head: Page, code: str, assent: str = "full", reservation: str = "") -> None:
        self.look(head, f"{self.conference}agencies/{code}/")
        head.locator(f"[name=assent][value={assent}]").check()
        head.locator("[name=reservation]").fill(reservation)
        press(head, "/agree/")

    def conclude(self, officer: Page, words: str, *, owner: Locator, due_on: dt.date) -> None:
        """Write a conclusion down and make it a duty; `owner` is the option that names the agency."""
        self.look(officer, f"{self.conference}conclusions/")
        form = officer.locator("main form:has([name=owner])")
        form.locator("[name=text]").fill(words)
        form.locator("[name=owner]").select_option(owner.get_attribute("value"))
        form.locator("[name=task]").select_option(index=1)
        form.locator("[name=due_on]").fill(due_on.isoformat())
        with officer.expect_navigation():
            form.locator("[type=submit]").click()
        done(officer)
        press(officer, "/assign/")
        self.look(officer, f"/drafting/{self.year}/")
        expect(officer.locator("main")).to_contain_text(words)

    def write_minutes(self, writer: Page, folder: Path) -> str:
        """Say when the conference ended, and return what the minutes say."""
        self.look(writer, f"{self.conference}minutes/write/")
        writer.locator("[name=ended]").fill(dt.datetime.now(LOCAL).strftime("%H:%M"))
        send(writer)
        return words_of(writer, "/paper/", folder)

    def confirm_minutes(self, officer: Page, *confirming: Page) -> None:
        """Freeze them; chair and secretary confirm."""
        self.look(officer, f"{self.conference}minutes/")
        press(officer, "/freeze/")
        for page in confirming:
            self.look(page, f"{self.conference}minutes/")
            press(page, "/sign/")

    # --- Signing
    def freeze(self, officer: Page) -> None:
        """Settle the text where that is still to do, and freeze it."""
        self.look(officer, f"/programmes/{self.year}/")
        if officer.locator("form[action$='/settle/']").count():
            press(officer, "/settle/")
        self.look(officer, f"/programmes/{self.year}/")
        with officer.expect_navigation():
            officer.locator("form[action*='/freeze/'] button").click()
        officer.wait_for_url("**/agreements/*/")
        self.paper = officer.url

    # --- The year after
    def begin_next(self, officer: Page) -> None:
        """Begin the year after as a copy, with its days looked through."""
        self.look(officer, "/years/begin/")
        send(officer)
        officer.wait_for_url(f"**/years/{self.year + 1}/points/")
        press(officer, f"/years/{self.year + 1}/points/days/")

    def carry_over(self, officer: Page) -> tuple[str, str]:
        """Carry the first unfinished duty over; return its code and title."""
        self.look(officer, f"/years/{self.year}/unfinished/")
        line = officer.locator("tbody tr", has=officer.locator("option[value=carried]")).first
        code = line.locator(".code").inner_text().strip()
        title = line.locator(".cell-title a").inner_text().strip()
        line.locator("select").select_option("carried")
        send(officer)
        self.look(officer, f"/drafting/{self.year + 1}/")
        expect(officer.locator("main")).to_contain_text(title)
        return code, title
