import getpass
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.agencies.models import Agency
from portal.lib.errors import RuleError
from portal.operations import beginnings, marks
from portal.users.models import User


class Command(BaseCommand):
    help = "Make the host agency and the first administrator of an empty portal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--full-name", required=True)
        parser.add_argument("--email", default="")
        parser.add_argument("--agency-code", required=True, help="for example BCHQS")
        parser.add_argument("--agency-name", required=True, help="in Vietnamese")
        parser.add_argument("--signature-block", default="CHỈ HUY TRƯỞNG", help="line above signatures")

    def handle(self, *args: Any, **options: Any) -> None:
        marks.refuse_wrong_mode()
        user = User(username=options["username"], full_name=options["full_name"], email=options["email"])
        agency = Agency(
            code=options["agency_code"],
            name_vi=options["agency_name"],
            signature_block=options["signature_block"],
        )
        try:
            beginnings.create_administrator(user, agency, password=_password(), at=timezone.now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except RuleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{user.username} may sign in; the portal asks for a second factor first.")


def _password() -> str:
    """Ask twice at a terminal; read one line from a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two passwords differ.")
    return password
