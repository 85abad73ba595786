"""What a process that keeps files in S3 has to be told."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from lesson03_middleware_logging.settings import LoggingSettings

LONGEST_URL_S = 7 * 24 * 60 * 60


def address(url: str) -> str:
    """The URL itself; raises ValueError when it does not lead to a store."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a URL such as http://host:8333 is due")
    return url


class StoreSettings(LoggingSettings):
    """Where the store is, with which key it is used, and which bucket is ours.

    All times are in seconds: how long a link to a file is good, how long a form for an upload is, and how long an
    upload may lie in the store before somebody completes it.
    """

    s3_endpoint_url: Annotated[str, AfterValidator(address)]
    s3_bucket: str = Field(min_length=3)
    aws_access_key_id: str = Field(min_length=1)
    aws_secret_access_key: str = Field(min_length=1)
    aws_region: str = Field(default="us-east-1", min_length=1)
    url_seconds: int = Field(default=3600, ge=1, le=LONGEST_URL_S)
    upload_seconds: int = Field(default=600, ge=1, le=LONGEST_URL_S)
    orphan_seconds: int = Field(default=86_400, ge=1)
