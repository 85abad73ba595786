"""What a file is called, whatever its sender calls it."""

import re
import unicodedata
from urllib.parse import quote

LONGEST = 100
WITHOUT_A_NAME = "file"
ENDINGS = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
    "text/plain": (".txt",),
}

# Control characters, line ends of Unicode, and what turns the direction of writing: "gnp.exe" can look like "exe.png".
INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
FORBIDDEN = re.compile(r'[<>:"|?*]')
# RFC 8187, section 3.2.1, besides letters and digits.
ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"


def safe_name(given: str, media_type: str) -> str:
    """A name that is one on every system: no path, nothing invisible, at most 100 characters, with a true ending."""
    # starter: return given
    # --8<-- [start:names]
    name = re.split(r"[/\\]", given)[-1]
    name = INVISIBLE.sub("", unicodedata.normalize("NFC", name))
    name = FORBIDDEN.sub("_", name).strip(". ")
    endings = ENDINGS[media_type]
    ending = next((name[-len(known) :] for known in endings if name.lower().endswith(known)), "")
    stem = name.removesuffix(ending).strip(". ") or WITHOUT_A_NAME
    ending = ending or endings[0]
    return stem[: LONGEST - len(ending)].rstrip(". ") + ending
    # --8<-- [end:names]


def content_disposition(name: str) -> str:
    """The header that has a browser save a file under this name (RFC 6266, appendix D), in ASCII alone."""
    # starter: return "attachment"
    # --8<-- [start:names]
    plain = re.sub(r"[^ -~]|[%\\\"]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=ATTRIBUTE_CHARACTERS)}"
    # --8<-- [end:names]
