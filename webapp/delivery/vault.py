"""Secrets of connections at rest: encrypted with a key made from the installation's secret key,
which is not in the database."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from webapp.delivery.errors import DeliveryRefused


def lock_for(secret_key: str, purpose: str) -> Fernet:
    """A lock with a key of its own, which opens nothing that was locked for another purpose."""
    derive = HKDF(hashes.SHA256(), length=32, salt=None, info=purpose.encode())
    return Fernet(base64.urlsafe_b64encode(derive.derive(secret_key.encode())))


class Vault:
    def __init__(self, secret_key: str) -> None:
        self._fernet = lock_for(secret_key, "baton connection secrets")

    def lock(self, secret: Mapping[str, Any]) -> str:
        return self._fernet.encrypt(json.dumps(dict(secret)).encode()).decode()

    def unlock(self, locked: str | None) -> dict[str, Any]:
        """Raises: DeliveryRefused where it was locked with another installation's key."""
        if not locked:
            return {}
        try:
            found: dict[str, Any] = json.loads(self._fernet.decrypt(locked.encode()))
        except InvalidToken:
            raise DeliveryRefused(
                "Its secret was saved under another BATON_SECRET_KEY. Enter it again in Settings."
            ) from None
        return found

    def opens(self, locked: str) -> bool:
        """Whether it was locked with this key."""
        try:
            self.unlock(locked)
        except DeliveryRefused:
            return False
        return True
