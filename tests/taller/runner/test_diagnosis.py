"""What a log says of what went wrong."""

import json

import pytest

from taller.runner.diagnosis import diagnose

FOLDER = "/course/lesson05_postgresql"
TRACE = f"""Traceback (most recent call last):
  File "{FOLDER}/orders.py", line 3, in buy
  File "/library/psycopg/connection.py", line 100, in execute
"""
ERRORS = [
    "KeyError: 'price'",
    "NotImplementedError: create",
    "asyncio.exceptions.CancelledError",
    'psycopg.errors.UndefinedTable: relation "products" does not exist',
    'psycopg.errors.CheckViolation: new row violates check constraint "stock"',
]


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_told_with_the_last_line_of_ones_own_code(error: str) -> None:
    assert str(diagnose(f"starting\n{TRACE}{error}\n", FOLDER)) == f"{error} ({FOLDER}/orders.py, line 3)"


@pytest.mark.parametrize("error", ERRORS)
def test_it_is_found_in_a_line_of_json_too(error: str) -> None:
    log = json.dumps({"event": "request", "status": 500, "exception": f"{TRACE}{error}\nLINE 1: SELECT"})

    assert str(diagnose(log, FOLDER)) == f"{error} ({FOLDER}/orders.py, line 3)"


@pytest.mark.parametrize("line", ["uvicorn.Server started", "listening on port 8000", '{"event": "redis is there"}'])
def test_what_is_no_error_is_none(line: str) -> None:
    assert diagnose(line, FOLDER) is None
