"""What was added to a file after each signature, by pyHanko's difference analysis."""

from collections.abc import Sequence

from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, read_certification_data

from agreements.pades.values import Modification


def modifications(reader: PdfFileReader, signatures: Sequence[EmbeddedPdfSignature]) -> list[Modification]:
    """One verdict for each signature: what the revisions after its own did.

    pyHanko compares each signature's revision with every later one: minutes for 200 signatures. Here the
    first signature's revision is compared with every later one, and it is made sure that no object was
    written twice in them. So each later revision changes only what still stood as at the base, and what
    is clean against the base is clean against every revision between. Where an object was written twice,
    or a signature locks fields, each revision is compared with the one before it as well.
    """
    if not signatures:
        return []
    base = min(signature.signed_revision for signature in signatures)
    total = reader.xrefs.total_revisions
    strict = [signature.docmdp_level for signature in signatures if signature.docmdp_level is not None]
    level = min(strict, key=lambda permission: permission.value) if strict else None
    clean = {revision: _is_clean(reader, base, revision, level) for revision in range(base + 1, total)}
    twice = _written_twice(reader, base)
    for revision in range(base + 2, total):
        if clean[revision] and twice:
            clean[revision] = _is_clean(reader, revision - 1, revision, level)
    return [
        _own_verdict(reader, signature)
        if signature.fieldmdp is not None
        else _verdict(all(clean[revision] for revision in range(signature.signed_revision + 1, total)))
        for signature in signatures
    ]


def newest_modification(reader: PdfFileReader) -> Modification:
    """What the newest revision did to the one before it. Step by step clean is clean as a whole."""
    newest = reader.xrefs.total_revisions - 1
    if newest < 1:
        return Modification.SUSPICIOUS
    return _verdict(changes_are_clean(reader, since=newest - 1))


def changes_are_clean(reader: PdfFileReader, *, since: int) -> bool:
    """Whether every revision after this one did nothing but sign and seal."""
    certification = read_certification_data(reader)
    level = certification.permission if certification else None
    return all(
        _is_clean(reader, revision - 1, revision, level)
        for revision in range(since + 1, reader.xrefs.total_revisions)
    )


def covers_all_but_itself(signature: EmbeddedPdfSignature) -> bool:
    """Whether the signature leaves out its own value and nothing else up to the end of its range.

    pyHanko adds up lengths where a range reaches the end of the file: a second part that begins too early
    makes the sum right, and leaves the last bytes unsigned.
    """
    if len(signature.byte_range) != 4:
        return False
    start, first, second, _ = (int(number) for number in signature.byte_range)
    signature.reader.stream.seek(first)
    gap = signature.reader.stream.read(max(second - first, 0))
    try:
        value = bytes.fromhex(gap[1:-1].decode("ascii"))
    except ValueError:
        return False
    return (start, gap[:1], gap[-1:], value) == (0, b"<", b">", signature.pkcs7_content)


def _verdict(clean: bool) -> Modification:
    return Modification.CLEAN if clean else Modification.SUSPICIOUS


def _is_clean(reader: PdfFileReader, old: int, new: int, level: MDPPerm | None) -> bool:
    """Whether a revision did nothing but fill in signatures, compared with an earlier one."""
    try:
        result = DEFAULT_DIFF_POLICY.apply(
            reader.get_historical_resolver(old), reader.get_historical_resolver(new), doc_mdp=level
        )
    except SuspiciousModification:
        return False
    except Exception:  # the analysis parses hostile bytes: what it cannot read is not clean
        return False
    return _is_allowed(result.modification_level, level)


def _is_allowed(found: ModificationLevel, level: MDPPerm | None) -> bool:
    most = ModificationLevel.FORM_FILLING.value
    return found.value <= (most if level is None else min(most, level.value))


def _written_twice(reader: PdfFileReader, base: int) -> bool:
    """Whether an object appears in more than one revision after the base."""
    seen: set[Reference] = set()
    for revision in range(base + 1, reader.xrefs.total_revisions):
        written = reader.xrefs.explicit_refs_in_revision(revision)
        if written & seen:
            return True
        seen |= written
    return False


def _own_verdict(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> Modification:
    """pyHanko's own walk for a signature with field locks, which the shared walk does not know."""
    result = DEFAULT_DIFF_POLICY.review_file(
        reader, signature.signed_revision, field_mdp_spec=signature.fieldmdp, doc_mdp=signature.docmdp_level
    )
    if isinstance(result, SuspiciousModification):
        return Modification.SUSPICIOUS
    return _verdict(_is_allowed(result.modification_level, signature.docmdp_level))
