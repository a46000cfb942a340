"""PDF signatures (PAdES): bytes in, plain values out.

The only package that imports pyHanko. It knows no models, no users, no programme. A document's life:
`freeze` → `certify` → `sign` … → `verify`; each step appends, none rewrites. `check_candidate` is the
quick look under the document's lock, `verify_newest` the thorough one in the job after it, `verify` the
judgement of a whole file from anywhere.
"""

from agreements.keys import SigningKey
from agreements.pades.candidates import check_candidate
from agreements.pades.errors import (
    AppearanceError,
    CandidateRefused,
    FreezeError,
    PadesError,
    SigningError,
    UnreadablePdf,
)
from agreements.pades.files import attachment, revision_bytes
from agreements.pades.freezing import CERTIFYING_FIELD, freeze
from agreements.pades.signing import certify, sign
from agreements.pades.values import (
    Appearance,
    DocumentReport,
    FieldSpec,
    Modification,
    Reason,
    Revision,
    Revocation,
    RootKind,
    SignatureReport,
    Trust,
    Verdict,
)
from agreements.pades.verification import verify, verify_newest

__all__ = [
    "CERTIFYING_FIELD",
    "Appearance",
    "AppearanceError",
    "CandidateRefused",
    "DocumentReport",
    "FieldSpec",
    "FreezeError",
    "Modification",
    "PadesError",
    "Reason",
    "Revision",
    "Revocation",
    "RootKind",
    "SignatureReport",
    "SigningError",
    "SigningKey",
    "Trust",
    "UnreadablePdf",
    "Verdict",
    "attachment",
    "certify",
    "check_candidate",
    "freeze",
    "revision_bytes",
    "sign",
    "verify",
    "verify_newest",
]
