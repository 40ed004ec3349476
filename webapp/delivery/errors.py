"""How a delivery can fail. There is no third way: nothing is ever given up silently."""

from datetime import timedelta

from webapp.core.errors import BatonError


class DeliveryFailed(BatonError):
    """The receiver does not have it. The sentence says what happened and, if known, the remedy."""


class DeliveryDelayed(DeliveryFailed):
    """It may well work later: nobody answered, or asked us to wait. ``after`` is how long."""

    def __init__(self, why: str, *, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.after = after


class DeliveryRefused(DeliveryFailed):
    """The receiver said no. Somebody should look now; meanwhile it is tried again, unhurriedly,
    since receivers have been known to say 400 on a bad day."""
