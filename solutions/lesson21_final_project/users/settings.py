"""What the service of users has to be told."""

from typing import Annotated

from pydantic import Field, SecretStr

from lesson06_mongodb.models import Email
from lesson06_mongodb.settings import MongoSettings
from lesson21_final_project.settings import BrokerSettings, InsideSettings


class UsersSettings(InsideSettings, MongoSettings, BrokerSettings):
    """Where its database and the broker are, and who is the first admin."""

    service: str = "users"
    admin_email: Email
    admin_password: Annotated[SecretStr, Field(min_length=8, max_length=128)]
