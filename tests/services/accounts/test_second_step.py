"""A code lets in once, also of many who send it at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
from flask import Flask

from tests.fixtures.applications import FRIDAY
from webapp.services.accounts import second_step, staff
from webapp.services.accounts.second_step import CodeRefused


def test_of_many_who_send_the_same_codes_at_once_one_gets_in_with_each(app: Flask) -> None:
    with app.app_context():
        row, password = staff.add("ana@acme.example", role="rep", by="the tests", now=FRIDAY)
        second_step.begin(row.id, password, now=FRIDAY)
        enrolment = second_step.enrolment(row.id)
        assert enrolment
        phone = pyotp.TOTP(enrolment.secret)
        _, [recovery, *_] = second_step.confirm(row.id, phone.at(FRIDAY), now=FRIDAY)
        halves = [
            staff.sign_in(row.email, password, address="192.0.2.1", now=FRIDAY).token
            for _ in range(8)
        ]
    code = phone.at(FRIDAY + timedelta(seconds=30))

    def gets_in(half: str, code: str) -> bool:
        with app.app_context():
            try:
                return bool(second_step.finish(half, code, address="192.0.2.1", now=FRIDAY))
            except CodeRefused:
                return False

    with ThreadPoolExecutor(8) as at_once:
        found = list(at_once.map(gets_in, halves, [code, recovery] * 4))
    assert found.count(True) == 2
