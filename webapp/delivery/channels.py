"""From a delivery's channel and its connection's settings to the transport that sends it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from webapp.config import Config
from webapp.core.enrichment import read_mapping
from webapp.delivery.crm import hubspot, pipedrive, salesforce
from webapp.delivery.crm.api import Api
from webapp.delivery.crm.filing import Crm, Filing
from webapp.delivery.crm.hubspot import HubSpot
from webapp.delivery.crm.pipedrive import Pipedrive
from webapp.delivery.crm.salesforce import Salesforce
from webapp.delivery.demo import DemoReceiver
from webapp.delivery.enrichment import Provider, header_of
from webapp.delivery.errors import DeliveryDelayed, DeliveryRefused
from webapp.delivery.guard import Guard
from webapp.delivery.mail import Mail, Server
from webapp.delivery.slack import Slack
from webapp.delivery.transport import Parcel, Transport
from webapp.delivery.vault import Vault
from webapp.delivery.webhook import Webhook


class Channels:
    """Everything one installation can send through. Made once; safe to share between threads."""

    def __init__(self, config: Config, guard: Guard | None = None) -> None:
        self._config = config
        self._guard = guard or Guard(config.allowed_receivers)
        self.vault = Vault(config.secret_key)

    def transport(
        self, channel: str, settings: Mapping[str, Any], locked_secret: str | None
    ) -> Transport:
        """``settings`` and ``locked_secret`` are the connection's; mail to a person has none.

        Raises: DeliveryRefused where the settings do not suffice.
        """
        match channel:
            case "email":
                return self._mail()
            case "demo":
                return DemoReceiver()
        secret = self.vault.unlock(locked_secret)
        try:
            match channel:
                case "slack":
                    return Slack(self._guard, secret["url"])
                case "webhook":
                    return Webhook(self._guard, settings["url"], secret["keys"])
                case "enrichment":
                    return Provider(
                        self._guard,
                        settings["method"],
                        settings["url"],
                        header_of(settings["header"], secret["token"]),
                        read_mapping(settings["mapping"]),
                    )
                case "hubspot" | "salesforce" | "pipedrive":
                    return self._crm(channel, settings, secret)
        except KeyError as missing:
            raise DeliveryRefused(
                f"The connection has no {missing.args[0]}. Complete it in Settings."
            ) from None
        raise DeliveryRefused(f"Nothing here can send to {channel}.")

    def _crm(
        self, channel: str, settings: Mapping[str, Any], secret: Mapping[str, Any]
    ) -> Transport:
        guard = self._guard
        match channel:
            case "hubspot":
                token = {"Authorization": f"Bearer {secret['token']}"}
                name, mapping = "HubSpot", hubspot.MAPPING
                base = settings.get("url") or hubspot.BASE

                def begin(parcel: Parcel) -> Crm:
                    return HubSpot(Api(guard, name, base, token, parcel.at))

            case "salesforce":
                name, base, mapping = "Salesforce", settings["url"], salesforce.MAPPING
                id, key = secret["client_id"], secret["client_secret"]

                def begin(parcel: Parcel) -> Crm:
                    login = Api(guard, name, base, {}, parcel.at)
                    return Salesforce.signed_in(guard, login, id, key)

            case _:
                name, base, mapping = "Pipedrive", settings["url"], pipedrive.MAPPING
                token = {"x-api-token": secret["token"]}

                def begin(parcel: Parcel) -> Crm:
                    return Pipedrive(Api(guard, name, base, token, parcel.at))

        base = str(base).rstrip("/")
        return Filing(
            name,
            begin,
            settings.get("mapping") or mapping,
            settings.get("assign_owner") or "always",
        )

    def _mail(self) -> Transport:
        if self._config.smtp_url:
            host = urlsplit(self._config.base_url).hostname
            return Mail(Server.of(self._config.smtp_url, fallback_domain=host or "localhost"))
        return DemoReceiver() if self._config.demo else NoMailServer()


class NoMailServer:
    """Stands in until somebody says which server to use. The mails wait in the outbox."""

    def send(self, parcel: Parcel) -> None:
        raise DeliveryDelayed("No mail server is set up. Set BATON_SMTP_URL.")
