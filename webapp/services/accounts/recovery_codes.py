"""Recovery codes: made with the first second step, used once each, kept as hashes."""

import hashlib
from unicodedata import normalize

from webapp.services.accounts.staff import one_time_password
from webapp.store import second_steps as rows
from webapp.store.database import db
from webapp.store.second_steps import RecoveryCodeRow
from webapp.store.staff import StaffRow

NUMBER = 10


def renew(row: StaffRow) -> list[str]:
    """New codes in place of the old, as part of the caller's commit."""
    rows.forget_recovery_codes(row.id)
    codes = [one_time_password() for _ in range(NUMBER)]
    db.session.add_all([RecoveryCodeRow(id=_id(row.id, code), staff_id=row.id) for code in codes])
    return codes


def use(staff_id: str, code: str) -> bool:
    """Use up a code; False when it is none of theirs."""
    return rows.use_recovery_code(_id(staff_id, code))


def as_meant(typed: str) -> str:
    """A code without the blanks and strokes that people put into it."""
    plain = normalize("NFKC", typed[:100]).lower()
    return "".join(each for each in plain if each.isalnum())


def _id(staff_id: str, code: str) -> str:
    return hashlib.sha256(f"{staff_id} {as_meant(code)}".encode("utf-8", "replace")).hexdigest()
