"""The root's key: how it stands, take it away, bring its lists, make the next issuing CA."""

import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agreements import authorities, ceremonies, crls, keys, revocations
from agreements.models import AuthorityRevocation, CertificateAuthority
from portal.lib import dates


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = (
        "status | export FILE | remove FILE | issue-list | sign-list OUT | import-list FILE | successor"
        " | revoke KEY"
    )

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
        signing.add_argument(
            "--revoked",
            nargs=2,
            action="append",
            default=[],
            metavar=("SERIAL", "MOMENT"),
            help="an issuing CA that is revoked: each that `status` names, and the one to be revoked now",
        )
        for name, help_text in (
            ("issue-list", "issue the root's next list here"),
            ("successor", "make the next issuing CA and certifier"),
        ):
            one = steps.add_parser(name, help=help_text)
            one.add_argument("--key", type=Path, help="the exported file, when the key is not here")
        revoking = steps.add_parser("revoke", help="believe an issuing CA no longer")
        revoking.add_argument("authority", help="its key identifier, as `status` says it")
        signed = revoking.add_mutually_exclusive_group()
        signed.add_argument("--key", type=Path, help="the exported file, when the root's key is not here")
        signed.add_argument("--list", type=Path, help="a list that names it, signed elsewhere")
        revoking.add_argument(
            "--anyway", action="store_true", help="also when documents could not be stamped before"
        )

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
        for row, issuer in authorities.issuing_rows(own):
            serial = keys.serial_of(issuer.der)
            self.stdout.write(f"  {row.key_id} (serial {serial:x}): {row.common_name}")
        for line in crls.root_lines():
            self.stdout.write(f"revoked: {line.serial:x} {line.revoked_at.isoformat()}")
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
        revoked = [_line(serial, moment) for serial, moment in options["revoked"]]
        signed = keys.sign_root_list(root, key, revoked, number=number, at=timezone.now())
        options["out"].write_bytes(signed)
        self.stdout.write(f"Signed number {number}: bring {options['out']} to the portal.")

    def _import_list(self, options: dict[str, Any]) -> None:
        kept = crls.take(_read(options["file"]), at=timezone.now())
        self.stdout.write(f"Kept number {kept.number}, good until {kept.next_update.isoformat()}.")

    def _successor(self, options: dict[str, Any]) -> None:
        row = ceremonies.succeed(_brought(options), at=timezone.now())
        self.stdout.write(f"The issuing CA is now {row.common_name}, {row.sha256}. Restart the services.")

    def _revoke(self, options: dict[str, Any]) -> None:
        row = CertificateAuthority.objects.filter(key_id=options["authority"]).first()
        if row is None:
            raise CommandError("There is no such CA here: `status` names them.")
        revoked = revocations.revoke_issuing(
            row,
            brought=_brought(options),
            signed=_read(options["list"]) if options["list"] else None,
            anyway=options["anyway"],
            at=timezone.now(),
        )
        self.stdout.write(
            f"Revoked {revoked.common_name} as of {revoked.revoked_at.isoformat()}, and every certificate"
            " below it. Their holders were told to ask for new ones. Restart the services."
        )


def _line(serial: str, moment: str) -> keys.Revoked:
    try:
        at = dates.parse_moment(moment)
        return keys.Revoked(int(serial, 16), at, AuthorityRevocation.Reason.CA_COMPROMISE)
    except ValueError as error:
        raise CommandError(f"{serial} {moment}: a serial number in hex, and a moment in ISO 8601") from error


def _brought(options: dict[str, Any]) -> keys.RootKey | None:
    return keys.read_key(options["key"], passphrase=_passphrase()) if options["key"] else None


def _passphrase() -> str:
    return getpass.getpass("Passphrase of the exported file: ")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
