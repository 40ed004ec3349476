"""What an authenticator is asked, and whether its answer holds: all that knows the library.

``passkeys`` imports this where it is needed: the library takes a fifth of a second to load, which
no start need pay. Challenges, keys and the ids of credentials are base64url texts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRequestOptions,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from webapp.services.accounts.passkeys import Party
from webapp.store.second_steps import PasskeyRow
from webapp.store.staff import StaffRow

ODD = (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What the library raises for answers that are not what a browser sends, or do not hold."""


@dataclass(frozen=True, slots=True)
class Question:
    """``options`` are what the browser's script hands on, as JSON."""

    options: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Made:
    credential_id: str
    public_key: str
    sign_count: int


def to_make(party: Party, owner: StaffRow, have: Iterable[PasskeyRow]) -> Question:
    """Ask for a new passkey, on a device that holds none of those there are."""
    return _question(
        webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name="Baton",
            user_id=owner.id.encode(),
            user_name=owner.email,
            user_display_name=owner.name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(id=base64url_to_bytes(each.credential_id))
                for each in have
            ],
        )
    )


def made(party: Party, credential: str, challenge: str) -> Made:
    """The passkey that was made. Raises: one of ODD."""
    found = webauthn.verify_registration_response(
        credential=credential,
        expected_challenge=base64url_to_bytes(challenge),
        expected_rp_id=party.id,
        expected_origin=party.origin,
        require_user_verification=True,
    )
    return Made(
        credential_id=bytes_to_base64url(found.credential_id),
        public_key=bytes_to_base64url(found.credential_public_key),
        sign_count=found.sign_count,
    )


def to_show(party: Party) -> Question:
    """Ask for a passkey of ours, whosever it is."""
    return _question(
        webauthn.generate_authentication_options(
            rp_id=party.id, user_verification=UserVerificationRequirement.REQUIRED
        )
    )


def claimed(credential: str) -> tuple[str, str]:
    """The id of the credential that was shown, and of the person it says it is. Raises: one of
    ODD."""
    given = parse_authentication_credential_json(credential)
    return given.id, (given.response.user_handle or b"").decode()


def proved(party: Party, passkey: PasskeyRow, credential: str, challenge: str) -> int:
    """How often the passkey has signed, once it is proved that it did now. Raises: one of ODD."""
    return webauthn.verify_authentication_response(
        credential=credential,
        expected_challenge=base64url_to_bytes(challenge),
        expected_rp_id=party.id,
        expected_origin=party.origin,
        credential_public_key=base64url_to_bytes(passkey.public_key),
        credential_current_sign_count=passkey.sign_count,
        require_user_verification=True,
    ).new_sign_count


def _question(
    options: PublicKeyCredentialCreationOptions | PublicKeyCredentialRequestOptions,
) -> Question:
    return Question(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))
