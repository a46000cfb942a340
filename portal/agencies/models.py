"""The register of agencies. An agency's key is its row: names and symbols survive as other bodies."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.lib.text import filled_lines, fold, in_reader_language, one_line, sort_key


class AgencyKind(models.TextChoices):
    PARTY = "party", _("Party body")
    FRONT_AND_MASS_ORG = "front_and_mass_org", _("Fatherland Front and mass organisations")
    DEPARTMENT = "department", _("Provincial department")
    PROVINCIAL_BODY = "provincial_body", _("Other provincial body")
    ARMED_FORCES = "armed_forces", _("Armed forces")
    CENTRAL_AGENCY = "central_agency", _("Central agency located in the province")


class AgencyQuerySet(models.QuerySet["Agency"]):
    def valid_on(self, day: dt.date) -> "AgencyQuerySet":
        """Agencies that existed on a day; an empty date is open."""
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
        )


class Agency(models.Model):
    """A body that signs, leads or coordinates, with the dates between which it exists."""

    code = models.CharField(
        _("code"),
        max_length=30,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9][A-Z0-9-]*$", _("Capital letters, digits and hyphens only."))],
        help_text=_("Key of the record, for example SNV-2025. It never changes."),
    )
    symbol = models.CharField(_("symbol in papers"), max_length=30, blank=True)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=30, choices=AgencyKind)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("parent agency"),
        related_name="children",
    )
    header_parent = models.CharField(
        _("superior body in the paper's head"),
        max_length=200,
        blank=True,
        help_text=_("First line of the head, for example QUÂN KHU 4."),
    )
    signature_block = models.TextField(
        _("signature block"),
        help_text=_("Lines above the head's signature, one a line, for example GIÁM ĐỐC."),
    )
    phone = models.CharField(
        _("telephone"), max_length=40, blank=True, help_text=_("Of its office; shown to those who urge.")
    )
    protocol_order = models.PositiveIntegerField(_("protocol order"), default=1000)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    name_sort_key = models.CharField(max_length=900, editable=False)
    name_folded = models.CharField(max_length=450, editable=False, db_index=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        ordering = ["protocol_order", "name_sort_key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gte=F("valid_from")),
                name="agency_dates_in_order",
                violation_error_message=_("The agency ends before it begins."),
            ),
            models.CheckConstraint(
                condition=~Q(signature_block=""),
                name="agency_has_signature_block",
                violation_error_message=_("Give at least one line above the signature."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_sort_key = sort_key(self.name_vi)
        self.name_folded = fold(f"{self.code} {self.symbol} {self.name_vi} {self.name_en}")
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return in_reader_language(self.name_vi, self.name_en)

    def clean(self) -> None:
        try:
            for line in self.block_lines:
                one_line(line)
        except ValidationError as error:
            raise ValidationError({"signature_block": error.messages}) from error

    @property
    def block_lines(self) -> tuple[str, ...]:
        """The head's signature lines, for example ("TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH")."""
        return filled_lines(self.signature_block)

    @property
    def deputy_lines(self) -> tuple[str, ...]:
        """The lines of a deputy who signs for the head."""
        return deputy_lines(self.block_lines)


def deputy_lines(block: Sequence[str]) -> tuple[str, ...]:
    """Return the lines above the name of a deputy who signs for the head; `block` holds the head's.

    Source: Decree 30/2020/NĐ-CP, art. 13 and Appendix I, II.7.
    """
    *collective, head = block
    return (*collective, f"KT. {head}", f"PHÓ {head}")


class AgencyChange(models.Model):
    """A merge, split or renaming on a day, with the legal document it rests on."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("merger")
        SPLIT = "split", _("split")
        RENAME = "rename", _("renaming")
        REPARENT = "reparent", _("change of superior body")
        DISSOLVE = "dissolve", _("dissolution")
        CREATE = "create", _("creation")

    reference = models.CharField(_("reference"), max_length=20, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    effective_on = models.DateField(_("effective on"))
    title_vi = models.CharField(_("title in Vietnamese"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    legal_document = models.CharField(_("legal document"), max_length=300, blank=True)
    document_on = models.DateField(_("date of the document"), null=True, blank=True)
    document_subject = models.CharField(_("subject of the document"), max_length=300, blank=True)
    predecessors = models.ManyToManyField(
        Agency, verbose_name=_("predecessors"), related_name="changes_out", blank=True
    )
    successors: "models.ManyToManyField[Agency, Succession]" = models.ManyToManyField(
        Agency,
        through="Succession",
        verbose_name=_("successors"),
        related_name="changes_in",
        blank=True,
    )

    class Meta:
        verbose_name = _("change of agencies")
        verbose_name_plural = _("changes of agencies")
        ordering = ["-effective_on", "reference"]

    def __str__(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)


class Succession(models.Model):
    """One successor of a change and what passed to it."""

    change = models.ForeignKey(AgencyChange, models.CASCADE, verbose_name=_("change"))  # part of its change
    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("successor"))
    scope_note = models.CharField(_("what passed to it"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("successor")
        verbose_name_plural = _("successors")
        constraints = [models.UniqueConstraint(fields=["change", "agency"], name="succession_once")]

    def __str__(self) -> str:
        return str(self.agency)
