"""Naming what a foreign revision changed, so that the signer is told what to do about it."""

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver

from agreements.pades.files import entry, items

# Of the catalog, the first that applies.
CATALOG = {
    "/OpenAction": "script",
    "/AA": "script",
    "/URI": "script",
    "/Names": "attachment",
    "/AF": "attachment",
    "/DSS": "ltv",
    "/Perms": "locks",
    "/AcroForm": "other_field",
    "/Pages": "page",
}
HARMLESS = {"/Extensions", "/Version", "/Metadata"}
"""Which standard is followed; where the properties stand, which are compared by themselves."""


def name_of_change(reference: generic.Reference, then: Any, now: Any, before: HistoricalResolver) -> str:
    """Return the code for a changed object, "" when the change does not matter."""
    if not isinstance(then, generic.DictionaryObject) or not isinstance(now, generic.DictionaryObject):
        return "changed_object"
    changed = {key for key in then.keys() | now.keys() if _raw(then, key) != _raw(now, key)}
    form = before.root.raw_get("/AcroForm") if "/AcroForm" in before.root else None
    if reference == before.trailer_view.raw_get("/Root").reference:
        return _of_catalog(changed - HARMLESS, now)
    if isinstance(form, generic.IndirectObject) and reference == form.reference:
        return "field_added" if "/Fields" in changed else "other_field"
    if then.get("/Type") == "/Page":
        if "/AA" in changed:
            return "script"
        return "annotation" if changed == {"/Annots"} else "page"
    return _of_field(reference, then, now, before) or _of_other(then)


def _raw(dictionary: generic.DictionaryObject, key: str) -> Any:
    return dictionary.raw_get(key) if key in dictionary else None


def _of_catalog(changed: set[str], now: generic.DictionaryObject) -> str:
    names = entry(now, "/Names")
    if "/Names" in changed and isinstance(names, generic.DictionaryObject) and "/JavaScript" in names:
        return "script"
    known = [name for key, name in CATALOG.items() if key in changed]
    return known[0] if known else "changed_object" if changed else ""


def _of_field(
    reference: generic.Reference,
    then: generic.DictionaryObject,
    now: generic.DictionaryObject,
    before: HistoricalResolver,
) -> str:
    """Whether the object is another field, or its value, or its drawing."""
    if then.get("/FT") == "/Sig":
        if "/V" in now and "/V" not in then:
            return "wrong_field"
        return "earlier_signature" if "/V" in then else "other_field"
    if then.get("/Type") in ("/Sig", "/DocTimeStamp"):
        return "earlier_signature"
    for field in _fields(before):
        drawings = entry(field, "/AP")
        if isinstance(drawings, generic.DictionaryObject) and reference in {
            one.reference for one in drawings.values() if isinstance(one, generic.IndirectObject)
        }:
            return "earlier_signature" if "/V" in field else "other_field"
    return ""


def _fields(before: HistoricalResolver) -> Iterator[generic.DictionaryObject]:
    form = entry(before.root, "/AcroForm")
    for field in items(entry(form, "/Fields") or generic.ArrayObject()) if form else ():
        if isinstance(field, generic.DictionaryObject):
            yield field


def _of_other(then: generic.DictionaryObject) -> str:
    if then.get("/Type") in ("/Filespec", "/EmbeddedFile", "/F"):
        return "attachment"
    if then.get("/Type") == "/Annot" or "/Rect" in then:
        return "annotation"
    if isinstance(then, generic.StreamObject) or then.get("/Type") in ("/Pages", "/Font", "/XObject"):
        return "page"
    return "changed_object"
