"""Signing in with one's company's account: to the provider and back."""

import logging
from datetime import UTC, datetime

from flask import redirect, request
from flask.typing import ResponseReturnValue

from webapp.services.accounts import company_accounts
from webapp.services.accounts.ceremonies import TooLate
from webapp.services.accounts.company_accounts import ProviderFailed
from webapp.services.accounts.staff import StaffRefused
from webapp.services.throttle import Throttled
from webapp.web.account import bp, come_in, sign_in_page
from webapp.web.shared import auth, pace

log = logging.getLogger(__name__)


@bp.get("/sign-in/company")
def begin_company_sign_in() -> ResponseReturnValue:
    """Go to the provider. By GET, for the content policy lets no form of ours lead elsewhere."""
    wanted, here = auth.local_path(request.args.get("next")), pace.whereabouts()
    try:
        asked = company_accounts.begin(wanted, address=here, now=datetime.now(UTC))
    except Throttled as refusal:
        headers = {"Retry-After": str(refusal.retry_after)}
        return sign_in_page(problem=str(refusal)), 429, headers
    except (StaffRefused, ProviderFailed) as refusal:
        return _refused(refusal)
    auth.keep("company", asked.token)
    return redirect(asked.address, 303)


@bp.get(company_accounts.CALLBACK)
def finish_company_sign_in() -> ResponseReturnValue:
    """Come back, and begin a session or be asked for the second step."""
    answer = request.args.to_dict()
    try:
        entry, wanted = company_accounts.finish(auth.kept("company"), answer, now=datetime.now(UTC))
    except (StaffRefused, ProviderFailed, TooLate) as refusal:
        return _refused(refusal)
    return come_in(entry, auth.local_path(wanted))


def _refused(refusal: StaffRefused | ProviderFailed | TooLate) -> ResponseReturnValue:
    if isinstance(refusal, ProviderFailed):
        log.warning("The sign-in provider: %s", refusal.why)
    return sign_in_page(problem=str(refusal)), 422
