"""Instants on staff pages, on the clock of whoever reads them."""

from datetime import datetime

from flask import Flask
from flask_login import current_user
from markupsafe import Markup

from webapp.core.clocks import zone
from webapp.services.flows import releases
from webapp.store.staff import StaffRow


def init_app(app: Flask) -> None:
    """Let templates say ``{{ at | moment }}``."""
    app.add_template_filter(moment)


def zone_of(reader: StaffRow) -> str:
    """The zone a colleague reads and writes times in: their own, else the playbook's."""
    return reader.timezone or releases.live()[1].playbook.timezone


def moment(at: datetime) -> Markup:
    """ "22 Nov 2026, 09:51" where the reader is; which clock that is, a pointer is told."""
    clock = zone(zone_of(current_user))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), clock.key, f"{at.astimezone(clock):%-d %b %Y, %H:%M}"
    )
