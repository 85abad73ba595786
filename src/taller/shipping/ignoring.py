"""What a .dockerignore keeps out of the build context."""

from pathspec import PathSpec


class Ignored:
    """The paths that a ``.dockerignore`` names, as far as they begin at the context's root."""

    def __init__(self, text: str) -> None:
        self._spec = PathSpec.from_lines("gitignore", text.splitlines())

    def __contains__(self, path: str) -> bool:
        return self._spec.match_file(path)
