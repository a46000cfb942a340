"""Print the next unused one-time code of a demonstration account."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.operations import marks
from portal.users import totp
from portal.users.models import User


class Command(BaseCommand):
    help = "Print the next unused one-time code of an account (DEMO=1). Nothing else is printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="for example snv.gd")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                _("One-time codes are shown with DEMO=1 only: real ones are on people's phones.")
            )
        marks.refuse_wrong_mode()
        username = options["username"]
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("There is no account “%(username)s”.") % {"username": username})
        if not totp.is_enrolled(user):
            text = _("“%(username)s” signs in with the password alone: this post needs no second factor.")
            raise CommandError(text % {"username": username})
        code = totp.next_code(user, at=timezone.now())
        if code is None:
            raise CommandError(_("All codes of this minute are used; try again in half a minute."))
        self.stdout.write(code)
