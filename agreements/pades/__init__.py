"""PDF signatures (PAdES): bytes in, plain values out.

The only package that imports pyHanko. It knows no models, no users, no programme. A document's life:
`freeze` → `certify` → `sign` … → `verify`; each step appends, none rewrites. `check_candidate` is the
quick look under the document's lock, `verify_newest` the thorough one in the job after it, `verify` the
judgement of a whole file from anywhere. `check_upload` judges a file that was signed elsewhere; the sandbox
runs it (`child`).
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
from agreements.pades.two_phase import Prepared, complete, prepare
from agreements.pades.uploads import check_upload
from agreements.pades.values import (
    Appearance,
    DocumentReport,
    FieldSpec,
    Modification,
    Reason,
    Revision,
    Revocation,
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
    "Prepared",
    "Reason",
    "Revision",
    "Revocation",
    "SignatureReport",
    "SigningError",
    "SigningKey",
    "Trust",
    "UnreadablePdf",
    "Verdict",
    "attachment",
    "certify",
    "check_candidate",
    "check_upload",
    "complete",
    "freeze",
    "prepare",
    "revision_bytes",
    "sign",
    "verify",
    "verify_newest",
]
