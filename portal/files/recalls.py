"""Take a file back: from then on nobody gets its bytes, from any row; who had it stays on record."""

import datetime as dt
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.files import access, references, store
from portal.files.models import Recall, StoredFile
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users.models import User


@action
def recall(file: StoredFile, *, by: User, at: dt.datetime, reason: str) -> Recall:
    """Stop every download of these bytes and seal them in quarantine; the same bytes stay refused.

    1. The row of the recall stops all downloads when it is committed.
    2. Then the bytes are moved; a crash between is mended by the sweeper.
    """
    if not access.may_recall(by):
        raise PermissionDenied
    reason = reasons.given(reason)
    locked = StoredFile.objects.select_for_update().get(pk=file.pk)
    if Recall.objects.filter(file=locked).exists():
        raise RuleError(_("This file was recalled already."))
    if not references.is_recallable(locked):
        raise RuleError(
            _("This file belongs to a signed document and cannot be recalled: its signatures need the bytes.")
        )
    made = Recall.objects.create(file=locked, by=by, at=at, reason=reason)
    payload = {"sha256": locked.sha256, "size": locked.size, "reason": made.reason}
    record("file.recalled", locked, by=by, at=at, agency_code=_agency_of(by), payload=payload)
    transaction.on_commit(partial(store.seal, locked.sha256))
    return made


@action
def destroy(recalled: Recall, *, at: dt.datetime, on_record: str) -> None:
    """Delete the sealed bytes for good, by the record that orders it. For the operator's command."""
    if not on_record.strip():
        raise RuleError(_("Name the record of the destruction."))
    locked = Recall.objects.select_for_update().get(pk=recalled.pk)
    if locked.destroyed_at:
        raise RuleError(_("The bytes were destroyed already."))
    locked.destroyed_at, locked.destruction_record = at, on_record.strip()
    locked.save(update_fields=["destroyed_at", "destruction_record"])
    payload = {"sha256": locked.file_id, "record": locked.destruction_record}
    record("file.destroyed", locked.file, by=None, at=at, payload=payload)
    transaction.on_commit(partial(_delete, locked.file_id))


def _delete(sha256: str) -> None:
    store.seal(sha256)  # in case the sweeper has not been here since the recall
    (Path(settings.QUARANTINE_DIR) / sha256).unlink(missing_ok=True)


def _agency_of(user: User) -> str:
    return user.post.agency.code if user.post else ""
