"""What every process of the project has to be told."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, SecretStr

from lesson07_jwt_auth.settings import TokenSettings, key_for_hs256
from lesson17_events_and_sagas.settings import broker_url
from lesson18_observability.settings import TelemetrySettings


class InsideSettings(TokenSettings, TelemetrySettings):
    """As lesson07's and lesson18's, and the secret by which the services know the gateway.

    The tokens of users are signed with another one.
    """

    service_secret: Annotated[SecretStr, AfterValidator(key_for_hs256)]


class BrokerSettings(BaseModel):
    """Where the broker is."""

    broker_url: Annotated[str, AfterValidator(broker_url)]
