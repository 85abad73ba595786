"""What the two processes have to be told."""

from typing import Literal

from pydantic import Field, HttpUrl, NatsDsn, SecretStr

from lesson03_middleware_logging.settings import LoggingSettings


class CallSettings(LoggingSettings):
    """How the two processes speak to each other: ``grpc_address`` is where one listens and the other calls."""

    transport: Literal["grpc", "http", "nats"]
    grpc_address: str = Field(default="127.0.0.1:50051", pattern=r"^[A-Za-z0-9.-]+:[0-9]{1,5}$")
    nats_url: NatsDsn
    service_token: SecretStr = Field(min_length=16)


class WebSettings(CallSettings):
    """What ``web`` has to be told: how long a call may take by default."""

    service: str = "web"
    notifications_url: HttpUrl
    call_timeout_ms: int = Field(default=2000, ge=1, le=99_999)


class NotificationsSettings(CallSettings):
    """What ``notifications`` has to be told: whoever has ``reader_token`` may look and not send."""

    service: str = "notifications"
    reader_token: SecretStr = Field(min_length=16)
