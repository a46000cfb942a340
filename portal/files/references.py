"""Which rows use a stored file: every foreign key to StoredFile, found in the registry of models.

A model says with `file_may_be_recalled = True` that what it shows can do without the bytes. Without it
a file cannot be recalled: the bytes of a signed document are its signatures.
"""

from collections.abc import Iterator

from django.db.models import Exists, ForeignObjectRel, Model, OuterRef, QuerySet

from portal.files.models import Recall, StoredFile


def is_recallable(file: StoredFile) -> bool:
    """Whether every row that uses the file can do without its bytes."""
    return not any(
        _rows(relation).filter(**{relation.field.name: file}).exists()
        for relation in _relations()
        if not getattr(relation.related_model, "file_may_be_recalled", False)
    )


def unreferenced() -> QuerySet[StoredFile]:
    """Return the files that no row of any table uses; a recall uses its own."""
    rows = StoredFile.objects.all()
    for relation in (*_relations(), _relation_of_recall()):
        rows = rows.filter(~Exists(_rows(relation).filter(**{relation.field.name: OuterRef("pk")})))
    return rows


def _relations() -> Iterator[ForeignObjectRel]:
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.related_model is not Recall:
            yield relation


def _relation_of_recall() -> ForeignObjectRel:
    relation: ForeignObjectRel = Recall._meta.get_field("file").remote_field
    return relation


def _rows(relation: ForeignObjectRel) -> QuerySet[Model]:
    return relation.field.model._base_manager.all()
