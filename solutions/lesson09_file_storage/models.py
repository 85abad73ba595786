"""What goes over the wire."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MediaType = Literal["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain"]


class StoredFile(BaseModel):
    """A file that is kept: its size in bytes, and a link that is good for a while."""

    name: str
    type: str
    size: int
    url: str


class Kept(BaseModel):
    """The answer to an upload."""

    message: str = "the file is kept"
    file: StoredFile


class UploadDraft(BaseModel):
    """What a client says of a file that it wants to send to the store itself."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=10_000)
    type: MediaType


class Offer(BaseModel):
    """Where a client may send its file: the fields go first, in any order, and then the file as ``file``."""

    id: str
    url: str
    fields: dict[str, str]
