"""What a signature made elsewhere may bring along: its value, and a drawing that is nothing but a drawing."""

from typing import Any

from pyhanko.pdf_utils import generic

from agreements.pades.errors import CandidateRefused

OBJECTS_MOST = 500
DEPTH = 12
SCRIPTS = {"/A", "/AA", "/JS", "/JavaScript", "/URI", "/PS", "/OpenAction", "/Next"}
FILES = {"/EF", "/EmbeddedFiles", "/AF", "/FS", "/Ref", "/OPI"}
TYPES = {"/XObject", "/Font", "/FontDescriptor", "/Encoding", "/ExtGState", "/CMap", "/Group", "/Sig"}
SUBTYPES = {
    *("/Form", "/Image", "/Type0", "/Type1", "/MMType1", "/TrueType", "/CIDFontType0", "/CIDFontType2"),
    *("/Type1C", "/CIDFontType0C", "/OpenType"),
}
FONTS = {"/Type0", "/Type1", "/MMType1", "/TrueType", "/CIDFontType0", "/CIDFontType2"}


def equal(then: Any, now: Any) -> bool:
    """Whether two objects are the same as written; what they refer to is not followed."""
    if isinstance(then, generic.StreamObject) and isinstance(now, generic.StreamObject):
        return dict(then) == dict(now) and then.encoded_data == now.encoded_data
    return type(then) is type(now) and bool(then == now)


def check_values(value: Any, fresh: set[generic.Reference]) -> set[generic.Reference]:
    """Return the new objects that a signature dictionary consists of; no other may be referred to."""
    return _Walk(fresh, set(), "signature_shape").over(value)


def check_drawing(
    drawings: Any, fresh: set[generic.Reference], fonts: set[generic.Reference]
) -> set[generic.Reference]:
    """Return the new objects that an appearance consists of: one normal drawing.

    Forms, images and fonts of its own, and the frozen `fonts`. Nothing of it can be drawn outside of the
    field's box: a viewer fits and cuts the form to it (ISO 32000-2, 12.5.5).
    """
    holder = drawings.get_object() if isinstance(drawings, generic.IndirectObject) else drawings
    if not isinstance(holder, generic.DictionaryObject) or holder.keys() != {"/N"}:
        raise CandidateRefused("appearance", "other than a normal drawing")
    form = holder["/N"]
    if not isinstance(form, generic.StreamObject) or form.get("/Subtype") != "/Form":
        raise CandidateRefused("appearance", "not a form")
    return _Walk(fresh, fonts, "appearance").over(drawings)


class _Walk:
    """Follow references through new objects only, and look at every dictionary on the way."""

    def __init__(self, fresh: set[generic.Reference], known: set[generic.Reference], code: str) -> None:
        self.fresh, self.known, self.code = fresh, known, code
        self.seen: set[generic.Reference] = set()

    def over(self, value: Any) -> set[generic.Reference]:
        stack = [(value, 0)]
        while stack:
            found, depth = stack.pop()
            if depth > DEPTH or len(self.seen) > OBJECTS_MOST:
                raise CandidateRefused("too_complex", self.code)
            if isinstance(found, generic.IndirectObject):
                stack += [(target, depth + 1) for target in self._follow(found.reference)]
            elif isinstance(found, generic.DictionaryObject):
                self._look_at(found)
                stack += [(found.raw_get(key), depth + 1) for key in found]
            elif isinstance(found, generic.ArrayObject):
                stack += [(found.raw_get(place), depth + 1) for place in range(len(found))]
        return self.seen

    def _follow(self, reference: generic.Reference) -> list[Any]:
        if reference in self.seen or reference in self.known:
            return []
        if reference not in self.fresh:
            raise CandidateRefused(self.code, f"leads to {reference.idnum} 0 obj")
        self.seen.add(reference)
        return [reference.get_object()]

    def _look_at(self, found: generic.DictionaryObject) -> None:
        if found.keys() & SCRIPTS or found.get("/S") in ("/JavaScript", "/Launch", "/URI", "/GoToR"):
            raise CandidateRefused("script", self.code)
        if found.keys() & FILES:
            raise CandidateRefused("attachment", self.code)
        kind, subtype = found.get("/Type"), found.get("/Subtype")
        if (isinstance(kind, generic.NameObject) and kind not in TYPES) or (
            isinstance(subtype, generic.NameObject) and subtype not in SUBTYPES
        ):
            raise CandidateRefused(self.code, f"{kind} {subtype}")
