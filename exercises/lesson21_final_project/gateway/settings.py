"""What the gateway has to be told."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from lesson10_work_queues.settings import comma_separated
from lesson11_graphql.settings import QuerySettings
from lesson15_resilience.settings import Milliseconds, PatienceSettings, Url
from lesson21_final_project.settings import InsideSettings

Replicas = Annotated[tuple[Url, ...], BeforeValidator(comma_separated), Field(min_length=1)]


class GatewaySettings(InsideSettings, QuerySettings, PatienceSettings):
    """Where the services are, how long it waits for them, and how much one query may ask for.

    ``orders_urls`` are all replicas, separated by commas. Without ``batching`` each user's orders are a call of their
    own, and without ``bulk`` graphql-core executes everything: both are there to be compared.
    """

    service: str = "gateway"
    users_url: Url
    orders_urls: Replicas
    shipping_url: Url
    traces_url: Url | None = None
    introspection: bool = False
    max_cost: int = Field(default=5000, ge=1)
    deadline_ms: Milliseconds = 5000
    # A replica is not asked twice: another one is.
    retry_attempts: Annotated[int, Field(ge=1, le=10)] = 1
    breaker_open_ms: Milliseconds = 1000
    bulkhead_calls: Annotated[int, Field(ge=1, le=10_000)] = 100
    bulkhead_queue: Annotated[int, Field(ge=0, le=10_000)] = 400
    batching: bool = True
    bulk: bool = True
