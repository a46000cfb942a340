"""PDF signatures (PAdES): bytes in, plain values out.

The only package that imports pyHanko. It knows no models, no users, no programme. A document's life:
`freeze` → `certify` → `sign` … → `seal` …; each step appends, none rewrites. `check_candidate` is the
quick look under the document's lock, `verify_newest` the thorough one in the job after it, `verify` the
judgement of a whole file from anywhere, `lasting` of what a seal is good for. `check_upload` judges a file
that was signed elsewhere; the sandbox runs it (`child`).
"""

from agreements.keys import SigningKey
from agreements.pades.agency_appearances import agency_width
from agreements.pades.candidates import check_candidate
from agreements.pades.errors import (
    AppearanceError,
    CandidateRefused,
    FreezeError,
    PadesError,
    SigningError,
    StampError,
    UnreadablePdf,
)
from agreements.pades.files import attachment, revision_bytes
from agreements.pades.freezing import CERTIFYING_FIELD, freeze
from agreements.pades.longterm import check_seal, lasting, newest_stamp, seal, signers
from agreements.pades.repairs import apply_repairs
from agreements.pades.signing import certify, sign
from agreements.pades.stamping import Stamp
from agreements.pades.two_phase import Prepared, complete, prepare
from agreements.pades.uploads import check_upload
from agreements.pades.values import (
    AgencyAppearance,
    Appearance,
    DocumentReport,
    FieldSpec,
    Level,
    Modification,
    Reason,
    Revision,
    Revocation,
    RootKind,
    SealPicture,
    SignatureReport,
    Trust,
    Verdict,
)
from agreements.pades.verification import verify, verify_newest

__all__ = [
    "CERTIFYING_FIELD",
    "AgencyAppearance",
    "Appearance",
    "AppearanceError",
    "CandidateRefused",
    "DocumentReport",
    "FieldSpec",
    "FreezeError",
    "Level",
    "Modification",
    "PadesError",
    "Prepared",
    "Reason",
    "Revision",
    "Revocation",
    "RootKind",
    "SealPicture",
    "SignatureReport",
    "SigningError",
    "SigningKey",
    "Stamp",
    "StampError",
    "Trust",
    "UnreadablePdf",
    "Verdict",
    "agency_width",
    "apply_repairs",
    "attachment",
    "certify",
    "check_candidate",
    "check_seal",
    "check_upload",
    "complete",
    "freeze",
    "lasting",
    "newest_stamp",
    "prepare",
    "revision_bytes",
    "seal",
    "sign",
    "signers",
    "verify",
    "verify_newest",
]
