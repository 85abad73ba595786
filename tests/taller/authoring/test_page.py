"""What is read off a page, and whether what it shows is what was printed."""

import pytest

from taller.authoring.console import matches
from taller.authoring.page import Exchange, exchanges, headings, includes

PAGE = """\
# Title

## Say goodbye { #bye }

```python
# no heading {#code}
--8<-- "solutions/lesson01_greetings/greetings.py:bye"
```

=== "curl"

    ```console
    $ curl -d '{"a": 1}' \\
    >   localhost:8000/bye
    bye

    $ curl localhost:8000/hello
    ```

### Below
"""


def test_headings_come_with_level_and_id_but_not_from_code() -> None:
    found = [(heading.line, heading.level, heading.title, heading.id) for heading in headings(PAGE)]

    assert found == [(1, 1, "Title", ""), (3, 2, "Say goodbye", "bye"), (20, 3, "Below", "")]


def test_included_regions_are_found() -> None:
    assert includes(PAGE) == {"solutions/lesson01_greetings/greetings.py:bye"}


def test_commands_come_with_what_they_print() -> None:
    assert exchanges(PAGE) == [
        Exchange(13, "curl -d '{\"a\": 1}' \\\n  localhost:8000/bye", ("bye", "")),
        Exchange(17, "curl localhost:8000/hello", ()),
    ]


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("a\nb", "a\nb"),
        ("a\n", "a  "),
        ("date: Mon\na", "Date: Tue\na"),
        ("a", "date: Tue\na"),
        ("a\n...\nc", "a\nb\nb\nc"),
        ("a\n...\nc", "a\nc"),
        ("…\nc", "a\nb\nc"),
        ("id: …!", "id: 7f3!"),
        ("[*]", "[*]"),
    ],
)
def test_what_is_shown_is_what_was_printed(shown: str, printed: str) -> None:
    assert matches(tuple(shown.split("\n")), printed.split("\n"))


@pytest.mark.parametrize(
    ("shown", "printed"),
    [("a", "a\nb"), ("a\nb", "a"), ("a…", "b"), ("a.c", "abc"), ("a\n...\nc", "a\nb"), ("id: …!", "id: 7\n8!")],
)
def test_what_is_shown_is_not_what_was_printed(shown: str, printed: str) -> None:
    assert not matches(tuple(shown.split("\n")), printed.split("\n"))
