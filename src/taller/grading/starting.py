"""Processes that a suite starts beside the formation."""

import pytest

from taller.grading.unmet import expect
from taller.runner import Process


def refuses_to_start(process: Process, variable: str, value: str, *, hides: str = "") -> None:
    """Expect a launched process to end with status 2 and one line that names the variable.

    ``value`` is what the variable was; ``hides`` is a part of it that the line must not repeat, such as a password.
    Raises ``Unmet``, as soon as the process serves instead.
    """
    sent = f"{process.name} with the variable {variable}={value!r}"
    status = process.settle()
    expect(status == 2, "exit status 2", "a process that runs" if status is None else f"exit status {status}", sent)
    lines = process.tail().strip().splitlines()
    expect(len(lines) == 1 and variable in lines[0], f"one line that names {variable}", "\n".join(lines), sent)
    expect(not hides or hides not in lines[0], f"a line without {hides!r}", lines[0], sent)


def set_up_ahead(request: pytest.FixtureRequest, *names: str) -> None:
    """Set up those of these fixtures that a test of this run asks for: what they start gets ready meanwhile.

    ``request`` is that of a fixture of the widest scope among them. A run of one step starts nothing for the others.
    """
    asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    for name in names:
        if name in asked:
            request.getfixturevalue(name)
