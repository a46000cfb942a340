"""The database as deploy/database-roles.sql makes it: who owns, who works, what is refused."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from tests.portal.notices.scratch import environment
from tests.servers import postgres_folder, superuser
from tests.source import BASE

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ROLES = ("portal", "portal_owner", "portal_backup")


@dataclass(frozen=True)
class Deployed:
    """A migrated database with its three roles."""

    name: str
    server: str  # of the superuser
    environment: dict[str, str]

    def url(self, role: str) -> str:
        return self.server.replace("postgres@", f"{role}@").rpartition("/")[0] + f"/{self.name}"

    def as_role(self, role: str, statement: str) -> list[tuple]:
        """Run one statement as a role; return its rows."""
        link = psycopg2.connect(self.url(role))
        link.autocommit = True
        try:
            with link.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            link.close()

    def manage(self, *command: str, **given: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=BASE,
            env=self.environment | given,
            capture_output=True,
            text=True,
            input="mot-mat-khau-that-dai\n",
            check=False,
            timeout=300,
        )


def program(name: str) -> str:
    return shutil.which(name) or f"{postgres_folder()}/{name}"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    server = superuser(os.environ["DATABASE_URL"])
    alone = psycopg2.connect(server)  # until it closes: roles belong to the whole server
    alone.cursor().execute("SELECT pg_advisory_lock(1)")
    name = f"roles_{secrets.token_hex(4)}"
    folder = tmp_path_factory.mktemp("deployed")
    found = Deployed(name, server, environment(folder, ""))
    found.environment["DATABASE_URL"] = found.url("portal")
    psql = [program("psql"), "--quiet", "--no-psqlrc", f"--set=database={name}"]
    try:
        subprocess.run([*psql, f"--file={BASE / 'deploy/database-roles.sql'}", server], check=True)
        done = found.manage("migrate", "--verbosity=0", DATABASE_OWNER_URL=found.url("portal_owner"))
        assert done.returncode == 0, done.stderr
        named = ("create_administrator", "quantri", "--full-name=Đỗ Minh Quân")
        done = found.manage(*named, "--agency-code=BCHQS", "--agency-name=Bộ CHQS tỉnh")
        assert done.returncode == 0, done.stderr
        yield found
    finally:
        link = psycopg2.connect(server)
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            for role in ROLES:
                cursor.execute(f"DROP ROLE IF EXISTS {role}")
        link.close()
        alone.close()


def test_the_owner_owns_every_table(deployed):
    owners = deployed.as_role(
        "portal", "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    )
    assert owners == [("portal_owner",)]


def test_the_portal_works_as_its_own_role(deployed):
    assert deployed.manage("write_checkpoint").returncode == 0
    assert deployed.manage("verify_audit").returncode == 0
    assert deployed.as_role("portal", "SELECT count(*) > 0 FROM audit_event") == [(True,)]


def test_migrate_says_that_it_needs_the_owner(deployed):
    refused = deployed.manage("migrate", "notices", "0002")
    assert refused.returncode != 0
    assert "must be owner of" in refused.stderr


REFUSED = {
    "empty the trail": "TRUNCATE audit_event",
    "empty the notices": "TRUNCATE notices_notice",
    "put triggers aside": "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "put one trigger aside": "ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change",
    "act as a replica": "SET session_replication_role = replica",
    "drop a policy": "DROP POLICY read ON notices_notice",
    "add a policy": "CREATE POLICY mine ON notices_notice USING (true)",
    "take the wall down": "ALTER TABLE notices_notice DISABLE ROW LEVEL SECURITY",
    "replace a trigger's function": "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger"
    " LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "make a table": "CREATE TABLE public.mine (id int)",
    "become the owner": "SET ROLE portal_owner",
    "become a superuser": "ALTER ROLE portal SUPERUSER",
    "pass the wall": "ALTER ROLE portal BYPASSRLS",
    "read files of the server": "COPY notices_notice FROM '/etc/passwd'",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_the_portals_role_is_refused(statement, deployed):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        deployed.as_role("portal", statement)


def test_the_owner_is_held_by_the_wall_too(deployed):
    forced = deployed.as_role(
        "portal",
        "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname",
    )
    assert [name for (name,) in forced] == [
        "agreements_amendment",
        "agreements_amendmentchange",
        "agreements_attendance",
        "agreements_authorisation",
        "agreements_briefinglist",
        "agreements_certificaterequest",
        "agreements_conclusion",
        "agreements_consultationanswer",
        "agreements_consultationcomment",
        "agreements_contribution",
        "agreements_credential",
        "agreements_draftversion",
        "agreements_invitedagency",
        "agreements_markpicture",
        "agreements_minutespart",
        "agreements_signingrequest",
        "agreements_suspension",
        "notices_calendarlink",
        "notices_mail",
        "notices_mailpreference",
        "notices_notice",
        "tasks_approvedreview",
        "tasks_assignmentimport",
        "tasks_comment",
        "tasks_consolidation",
        "tasks_consolidationparagraph",
        "tasks_consolidationsource",
        "tasks_cooperation",
        "tasks_evidence",
        "tasks_extensionrequest",
        "tasks_figure",
        "tasks_groupplanitem",
        "tasks_lightoverride",
        "tasks_mention",
        "tasks_milestone",
        "tasks_milestoneduty",
        "tasks_paperentry",
        "tasks_periodreview",
        "tasks_postmove",
        "tasks_productdocument",
        "tasks_progress",
        "tasks_proposal",
        "tasks_quota",
        "tasks_ratingdecision",
        "tasks_ratingpoint",
        "tasks_ratingproof",
        "tasks_ratingsheet",
        "tasks_reexamination",
        "tasks_report",
        "tasks_reportline",
        "tasks_reportstep",
        "tasks_reviewparagraph",
        "tasks_scheme",
        "tasks_seenpoint",
        "tasks_sendinggrant",
        "tasks_shortcoming",
        "tasks_shortcomingreview",
        "tasks_standinggroup",
        "tasks_supportanswer",
        "tasks_supportreceipt",
        "tasks_urging",
        "tasks_urgingletter",
        "tasks_yearenddecision",
    ]
    half = "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
    assert deployed.as_role("portal", half) == []


def test_the_backups_role_dumps_every_row_and_writes_none(deployed):
    dump = program("pg_dump")
    told = "SELECT set_config('app.scope', 'all', false);"
    deployed.as_role(
        "portal",
        told
        + "INSERT INTO notices_notice (kind, subject_type, subject_id, recipient_id, rule, due_on, text_vi,"
        " text_en, is_shown, created_at, mail_state, skip_reason, send_after)"
        " SELECT 'x', 'x', 1, id, 'x', now(), 'canh-vit', '', true, now(), 'waiting', '', now()"
        " FROM users_user LIMIT 1",
    )
    whole = subprocess.run([dump, deployed.url("portal_backup")], capture_output=True, text=True, check=True)
    assert "canh-vit" in whole.stdout
    own = subprocess.run([dump, deployed.url("portal_owner")], capture_output=True, text=True, check=False)
    assert own.returncode != 0
    assert "row-level security" in own.stderr
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        deployed.as_role("portal_backup", "DELETE FROM notices_notice")


def test_the_script_stands_where_operators_look():
    assert Path(BASE / "deploy/database-roles.sql").is_file()
    assert "database-roles.sql" in (BASE / "deploy/README.md").read_text()
