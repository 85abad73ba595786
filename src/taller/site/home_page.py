"""The home page's list of lessons: it links those that are written and greys out those that are coming."""

import re
from collections.abc import Collection

LESSON_LINK = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<lesson>lesson\d\d_\w+)\.md\)")


def link_lessons(markdown: str, written: Collection[str]) -> tuple[str, list[str]]:
    """The page with only the links to `written` lessons left, and what is wrong: lessons that it does not name."""

    def link_or_plain(match: re.Match[str]) -> str:
        if match["lesson"] in written:
            return match[0]
        return f'<span class="coming">{match["text"]}</span>'

    named = {match["lesson"] for match in LESSON_LINK.finditer(markdown)}
    missing = [f"the list of lessons does not name {lesson}" for lesson in sorted(set(written) - named)]
    return LESSON_LINK.sub(link_or_plain, markdown), missing
