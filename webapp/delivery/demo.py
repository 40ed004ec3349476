"""Receivers for the demo: what they get lands in a table that a page of the demo shows."""

from sqlalchemy import delete, select

from webapp.delivery.transport import Parcel
from webapp.store.database import db, one_commit
from webapp.store.demo_messages import KEPT, DemoMessageRow


class DemoReceiver:
    """Keeps the newest messages; the same one again is kept once."""

    def send(self, parcel: Parcel) -> None:
        with one_commit("demo.receive"):
            if db.session.get(DemoMessageRow, parcel.id) is None:
                db.session.add(
                    DemoMessageRow(
                        id=parcel.id,
                        at=parcel.at,
                        kind="mail" if "subject" in parcel.payload else "webhook",
                        event=parcel.event,
                        recipient=parcel.recipient,
                        payload=dict(parcel.payload),
                    )
                )
            newest = select(DemoMessageRow.id).order_by(DemoMessageRow.at.desc()).limit(KEPT)
            db.session.execute(delete(DemoMessageRow).where(DemoMessageRow.id.not_in(newest)))
