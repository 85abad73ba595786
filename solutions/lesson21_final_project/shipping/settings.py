"""What the service of shipping has to be told."""

from lesson21_final_project.settings import BrokerSettings, InsideSettings


class ShippingSettings(InsideSettings, BrokerSettings):
    """Where the broker is."""

    service: str = "shipping"
