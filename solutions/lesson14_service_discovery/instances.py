"""One process of a service, as a registry knows it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from lesson13_microservices.settings import base_url

ServiceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
InstanceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,63}$")]


class Instance(BaseModel):
    """Who it is, and where; ``url`` has no path."""

    model_config = ConfigDict(frozen=True)

    service: ServiceName
    id: InstanceId
    url: Annotated[str, AfterValidator(base_url)]
