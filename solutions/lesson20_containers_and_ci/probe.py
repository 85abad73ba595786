"""Ask the program in this container whether it serves: exit status 0 for yes, 1 for no.

A container's health is an exit status (https://docs.docker.com/reference/dockerfile/#healthcheck), and a slim image
has no curl.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

ANSWERED_WITHIN_S = 2


def serves(port: int) -> bool:
    """Whether ``GET /health`` on this port is answered with 200."""
    # --8<-- [start:health]
    connection = HTTPConnection("127.0.0.1", port, timeout=ANSWERED_WITHIN_S)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    # --8<-- [end:health]


if __name__ == "__main__":
    sys.exit(0 if serves(int(os.environ["PORT"])) else 1)
