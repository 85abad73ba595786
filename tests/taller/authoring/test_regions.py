"""Markers in a text file, and what is wrong with them."""

from textwrap import dedent

import pytest

from taller.authoring import AuthoringError
from taller.authoring.regions import regions
from taller.catalog import Lesson


def test_a_region_knows_its_step_its_lines_and_its_indentation(lesson: Lesson) -> None:
    [region] = regions("def f():\n    # --8<-- [start:bye]\n    return 1\n    # --8<-- [end:bye]\n", "f.py", lesson)

    assert (region.step, region.start, region.end, region.indent) == ("bye", 1, 3, "    ")


def test_a_step_may_have_several_regions_in_one_file(lesson: Lesson) -> None:
    text = "# --8<-- [start:bye]\n# --8<-- [end:bye]\n" * 2

    assert [region.step for region in regions(text, "f.py", lesson)] == ["bye", "bye"]


def test_any_comment_style_is_understood(lesson: Lesson) -> None:
    text = "  <!-- --8<-- [start:bye] -->\n  // --8<-- [end:bye]\n"

    [region] = regions(text, "page.html", lesson)

    assert (region.comment, region.closing) == ("<!-- ", " -->")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n# --8<-- [start:bye]\n", "f.py:2: 'bye' is never closed"),
        ("\n# --8<-- [end:bye]\n", "f.py:2: 'bye' ends unopened"),
        (
            "# --8<-- [start:bye]\n# --8<-- [start:hello]\n",
            "f.py:2: 'hello' starts inside 'bye', which starts in line 1",
        ),
        ("# --8<-- [start:bye]\n# --8<-- [end:hello]\n", "f.py:2: 'hello' ends inside 'bye', which starts in line 1"),
        ("# --8<-- [start:nod]\n", "f.py:1: 'nod' is no step of lesson01_greetings"),
        (
            "# starter: pass\n\n# --8<-- [start:bye]\n# --8<-- [end:bye]\n",
            "f.py:1: a 'starter:' line has to stand directly before a region",
        ),
    ],
)
def test_wrong_markers_are_named_with_file_and_line(lesson: Lesson, text: str, message: str) -> None:
    with pytest.raises(AuthoringError) as raised:
        regions(text, "f.py", lesson)

    assert str(raised.value) == message


def test_starter_lines_belong_to_the_region_below_and_keep_their_own_indentation(lesson: Lesson) -> None:
    text = dedent("""\
        # starter: if x:
        # starter:     pass
        # --8<-- [start:bye]
        # --8<-- [end:bye]
    """)

    [region] = regions(text, "f.py", lesson)

    assert (region.first, region.instead) == (0, ("if x:", "    pass"))


def test_a_bare_starter_line_means_that_nothing_stands_there(lesson: Lesson) -> None:
    [region] = regions("# starter:\n# --8<-- [start:bye]\n# --8<-- [end:bye]\n", "f.py", lesson)

    assert region.instead == ()
