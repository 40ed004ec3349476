"""Whoever's sign-in is changed hears of it by mail, in their language, whoever changed it."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
from flask import Flask

from tests.fixtures.applications import FRIDAY
from webapp.services.accounts import second_step, staff
from webapp.store.deliveries import DeliveryRow

Rows = Callable[..., list[DeliveryRow]]


def test_the_owner_of_an_account_hears_of_every_change_to_how_they_sign_in(
    app: Flask, rows: Rows
) -> None:
    later = FRIDAY + timedelta(minutes=5)
    with app.app_context():
        ana, password = staff.add("ana@acme.example", role="rep", by="the tests", now=FRIDAY)
        assert rows(DeliveryRow) == []
        staff.update_profile(ana.id, timezone="Europe/Berlin", back_on="", locale="de", now=FRIDAY)
        staff.change_password(ana.id, password, "four words in a row", now=FRIDAY)
        password = "four words in a row"
        second_step.begin(ana.id, password, now=FRIDAY)
        enrolment = second_step.enrolment(ana.id)
        assert enrolment
        code = pyotp.TOTP(enrolment.secret).at(FRIDAY)
        second_step.confirm(ana.id, code, now=FRIDAY)
        [recovery, *_] = second_step.renew_recovery_codes(ana.id, password, now=FRIDAY)
        half = staff.sign_in(ana.email, password, address="192.0.2.1", now=later).token
        second_step.finish(half, recovery, address="192.0.2.1", now=later)
        second_step.turn_off(ana.id, password, now=later)
        second_step.reset(ana.email, by="the tests", now=later)
        staff.reset_password(ana.email, by="the tests", now=later)
    mails = rows(DeliveryRow)
    assert {each.recipient for each in mails} == {"ana@acme.example"}
    assert sorted(each.payload["subject"] for each in mails) == [
        "Bei Ihrer Anmeldung wird kein Code aus einer App mehr verlangt",
        "Für Ihre Anmeldung wurde eine Authenticator-App eingerichtet",
        "Für Sie wurden neue Wiederherstellungscodes erstellt; die alten gelten nicht mehr",
        "Ihr Passwort wurde geändert",
        "Ihr zweiter Schritt wurde aufgehoben: Ihr Passwort allein öffnet Ihr Konto",
        "Jemand hat sich mit einem Ihrer Wiederherstellungscodes angemeldet",
        "Sie haben ein neues Einmal-Passwort bekommen",
    ]
    for mail in mails:
        assert "Wenn nicht, sagen Sie sofort" in mail.payload["text"]
        assert "Fr. 20 Nov., 11:0" in mail.payload["text"]
        assert recovery not in str(mail.payload)
        assert password not in str(mail.payload)
