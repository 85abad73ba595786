"""What Redis does for us in one go: Lua scripts, each in a file of its own."""

from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

FOLDER = Path(__file__).parent / "lua"


@dataclass(frozen=True)
class Script:
    """A Lua script, and the name by which Redis knows it once it is loaded.

    Nothing else runs in Redis while a script does (https://redis.io/docs/latest/develop/programmability/eval-intro/).
    """

    text: str
    sha: str


def script(folder: Path, name: str) -> Script:
    """The script in the file ``name.lua``."""
    text = (folder / f"{name}.lua").read_text(encoding="utf-8")
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


READ = script(FOLDER, "read")
FILL = script(FOLDER, "fill")
COUNT = script(FOLDER, "count")
ALL = (READ, FILL, COUNT)
