"""What the web process has to be told."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl

from lesson01_rest_crud.settings import Settings


def comma_separated(value: Any) -> Any:
    """The parts of ``http://a,http://b``; what is no text is left for the next check."""
    return value.split(",") if isinstance(value, str) else value


def only_a_place(url: HttpUrl) -> HttpUrl:
    """Refuse what no path can be appended to, and what must not be shown to clients; raises ``ValueError``."""
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("a supplier's address has no user, query or fragment")
    return url


SupplierUrl = Annotated[HttpUrl, AfterValidator(only_a_place)]


class QuoteSettings(Settings):
    """Where the suppliers are, and how long each of them may take."""

    # starter: supplier_urls: Annotated[tuple[str, ...], BeforeValidator(comma_separated)]
    # starter: supplier_timeout_ms: int
    # --8<-- [start:lifecycle]
    supplier_urls: Annotated[tuple[SupplierUrl, ...], BeforeValidator(comma_separated)]
    supplier_timeout_ms: int = Field(ge=1, le=60_000)
    # --8<-- [end:lifecycle]
