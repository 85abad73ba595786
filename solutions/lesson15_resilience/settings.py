"""What the gateway has to be told: how much it puts up with, and where the services are."""

from typing import Annotated

from pydantic import AfterValidator, Field

from lesson03_middleware_logging.settings import LoggingSettings
from lesson13_microservices.settings import base_url

Url = Annotated[str, AfterValidator(base_url)]
Milliseconds = Annotated[int, Field(ge=1, le=60_000)]
Count = Annotated[int, Field(ge=1, le=10_000)]


class PatienceSettings(LoggingSettings):
    """All limits of a gateway; each holds for every upstream on its own.

    Names that end in ``_ms`` are in milliseconds. An attempt has ``timeout_ms`` until its answer begins, and a
    whole request ``deadline_ms`` at most.
    """

    timeout_ms: Milliseconds = 2000
    deadline_ms: Milliseconds = 10_000
    retry_attempts: Annotated[int, Field(ge=1, le=10)] = 3
    retry_base_ms: Milliseconds = 100
    retry_budget_percent: Annotated[int, Field(ge=0, le=100)] = 20
    retry_budget_burst: Annotated[int, Field(ge=0, le=10_000)] = 10
    breaker_failures: Count = 5
    breaker_open_ms: Milliseconds = 5000
    bulkhead_calls: Count = 20
    bulkhead_queue: Annotated[int, Field(ge=0, le=10_000)] = 20
    stale_for_ms: Annotated[int, Field(ge=0, le=86_400_000)] = 60_000
    stale_answers: Count = 100


class ResilienceSettings(PatienceSettings):
    """And where the services are."""

    users_url: Url
    products_url: Url
