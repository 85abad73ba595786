"""In which media type a client wants its answer (RFC 9110, section 12.5.1)."""

from dataclasses import dataclass

from python_multipart.multipart import parse_options_header

RESPONSE = "application/graphql-response+json"
JSON = "application/json"
# The first is what a client gets that does not mind.
OFFERED = (RESPONSE, JSON)


@dataclass(frozen=True)
class Range:
    """One entry of the header Accept, such as ``application/*;q=0.5``."""

    media: str
    quality: float

    @classmethod
    def read(cls, text: str) -> "Range":
        """The entry that a text is; one whose quality makes no sense is wanted least."""
        media, options = parse_options_header(text)
        try:
            quality = float(options.get(b"q", b"1"))
        except ValueError:
            quality = 0.0
        return cls(media.decode("latin-1").lower(), quality)

    def how_exactly(self, media: str) -> int:
        """How exactly it means a media type: 3 by its name, 2 by its kind, 1 along with all; 0 not at all."""
        kind = media.partition("/")[0]
        return {media: 3, f"{kind}/*": 2, "*/*": 1}.get(self.media, 0)


def quality_of(media: str, ranges: list[Range]) -> float:
    """How much a media type is wanted: what the entry says that means it most exactly."""
    meant = [found for found in ranges if found.how_exactly(media)]
    return max(meant, key=lambda found: found.how_exactly(media)).quality if meant else 0


def chosen(accept: str | None) -> str | None:
    """The media type to answer in; None when the client wants neither."""
    # TODO http: Speak GraphQL over HTTP
    return RESPONSE
