"""Two repairs of pyHanko, without which a signature cannot be judged after its certificates have expired.

1. `ValidationPath.truncate_to_issuer_and_append` does not find a CA on top of its own path unless it is
   self-signed. Past validation puts the issuing CA there, so every list of that CA is dropped, and the
   answer is REVOCATION_OUT_OF_BOUNDS_NO_POE with the list in hand. Here the path's own anchor, byte for
   byte, may have issued a list; the path to the real root is validated afterwards all the same.
2. Past validation starts at the end of the newest list's window. A list that is newer than a certificate's
   end, as each renewal brings one, then spoils that certificate. Here it starts no later than the path's
   earliest end.

`retroactive_revinfo` in longterm.py is sound only together with the second.
"""

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from asn1crypto import x509
from pyhanko.sign.validation import ades
from pyhanko_certvalidator.authority import AuthorityWithCert
from pyhanko_certvalidator.path import ValidationPath

PROVEN = {"pyHanko": "0.38.0", "pyhanko-certvalidator": "0.33.0"}

_ades: Any = ades
_append: Any = ValidationPath.truncate_to_issuer_and_append
_past_validate: Any = _ades.past_validate


def apply_repairs() -> None:
    """Repair pyHanko in this process; a second call changes nothing.

    Raises RuntimeError with any other version than the one on which both were proven.
    """
    found = {name: version(name) for name in PROVEN}
    if found != PROVEN:
        raise RuntimeError(
            f"Long-term validation was proven with {PROVEN}, not with {found}: install those, or run"
            " tests/agreements/test_long_life.py with the others and change agreements/pades/repairs.py."
        )
    repaired: Any = ValidationPath
    repaired.truncate_to_issuer_and_append = _truncate_to_issuer_and_append
    _ades.past_validate = _past_validate_until_the_earliest_end


def _truncate_to_issuer_and_append(path: ValidationPath, certificate: x509.Certificate) -> ValidationPath:
    anchor = path.trust_anchor.authority
    if isinstance(anchor, AuthorityWithCert) and anchor.certificate.dump() == certificate.dump():
        return ValidationPath(path.trust_anchor, interm=[], leaf=None)
    return _append(path, certificate)


async def _past_validate_until_the_earliest_end(
    path: ValidationPath, *args: Any, init_control_time: datetime | None = None, **options: Any
) -> datetime:
    ends = [certificate.not_valid_after for certificate in path.iter_certs(include_root=False)]
    start = min([init_control_time or datetime.now(UTC), *ends])
    return await _past_validate(path, *args, init_control_time=start, **options)
