"""The root's key: how it stands, take it away, bring its lists, make the next issuing CA."""

import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agreements import authorities, ceremonies, crls, keys


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "status | export FILE | remove FILE | issue-list | sign-list OUT | import-list FILE | successor"

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("status", help="what is here, and until when it lasts")
        for name, help_text in (
            ("export", "write the root's key under a passphrase into a new file"),
            ("remove", "delete the key here; FILE is the exported one, which is opened first"),
            ("import-list", "keep a list of the root that was signed elsewhere"),
        ):
            steps.add_parser(name, help=help_text).add_argument("file", type=Path)
        signing = steps.add_parser("sign-list", help="sign a list on a machine apart; needs no database")
        signing.add_argument("out", type=Path)
        signing.add_argument("--number", type=int, required=True, help="what `status` says")
        signing.add_argument("--root", type=Path, required=True, help="the root's certificate")
        signing.add_argument("--key", type=Path, required=True, help="the exported file")
        for name, help_text in (
            ("issue-list", "issue the root's next list here"),
            ("successor", "make the next issuing CA and certifier"),
        ):
            one = steps.add_parser(name, help=help_text)
            one.add_argument("--key", type=Path, help="the exported file, when the key is not here")

    def handle(self, *args: Any, **options: Any) -> None:
        step = getattr(self, f"_{options['step'].replace('-', '_')}")
        try:
            step(options)
        except keys.KeysError as error:
            raise CommandError(str(error)) from error

    def _status(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        if not authorities.is_set_up():
            self.stdout.write("There is no authority yet: it is made when it is first needed.")
            return
        own = authorities.authority(at=now)
        ends = ceremonies.root_list_ends_at()
        self.stdout.write(f"root: {authorities.root_row(own).sha256}")
        self.stdout.write(f"root's key: {'here' if own.has_root_key else 'away'}")
        self.stdout.write(f"root's list good until: {ends.isoformat() if ends else 'none issued yet'}")
        self.stdout.write(f"number of its next list: {crls.next_root_number(at=now)}")
        self.stdout.write(f"issuing CAs: {len(own.issuers)}")
        self.stdout.write(f"today's makes certificates until: {own.issues_until.isoformat()}")

    def _export(self, options: dict[str, Any]) -> None:
        passphrase = getpass.getpass("Passphrase for the exported file: ")
        if passphrase != getpass.getpass("Once more: "):
            raise CommandError("The two differ. Nothing was written.")
        ceremonies.export(options["file"], passphrase=passphrase, at=timezone.now())
        self.stdout.write("Exported. Copy it to two carriers, try each with `remove`, and lock them away.")

    def _remove(self, options: dict[str, Any]) -> None:
        ceremonies.remove(options["file"], passphrase=_passphrase(), at=timezone.now())
        self.stdout.write("Removed. The portal works on without it; renew the root's list by hand.")

    def _issue_list(self, options: dict[str, Any]) -> None:
        kept = ceremonies.issue_list(_brought(options), at=timezone.now())
        self.stdout.write(f"Issued number {kept.number}, good until {kept.next_update.isoformat()}.")

    def _sign_list(self, options: dict[str, Any]) -> None:
        key = keys.read_key(options["key"], passphrase=_passphrase())
        number, root = options["number"], _read(options["root"])
        signed = keys.sign_root_list(root, key, number=number, at=timezone.now())
        options["out"].write_bytes(signed)
        self.stdout.write(f"Signed number {number}: bring {options['out']} to the portal.")

    def _import_list(self, options: dict[str, Any]) -> None:
        kept = crls.take(_read(options["file"]), at=timezone.now())
        self.stdout.write(f"Kept number {kept.number}, good until {kept.next_update.isoformat()}.")

    def _successor(self, options: dict[str, Any]) -> None:
        row = ceremonies.succeed(_brought(options), at=timezone.now())
        self.stdout.write(f"The issuing CA is now {row.common_name}, {row.sha256}. Restart the services.")


def _brought(options: dict[str, Any]) -> keys.RootKey | None:
    return keys.read_key(options["key"], passphrase=_passphrase()) if options["key"] else None


def _passphrase() -> str:
    return getpass.getpass("Passphrase of the exported file: ")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
