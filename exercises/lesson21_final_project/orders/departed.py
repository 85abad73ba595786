"""Users who have left: their orders are nobody's, whichever of the two is heard of first."""

from fastapi import Request
from fastapi.responses import JSONResponse
from psycopg import AsyncConnection

from lesson03_middleware_logging.problems import problem
from lesson17_events_and_sagas.events import Event
from lesson21_final_project.orders.models import Estado

# One lock for each user: who orders share it, and who notes that they have left has it alone.
SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 21))"
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 21))"


class UserHasLeft(Exception):
    """This user has been deleted; the token may be good for some minutes more."""


async def stay_or_raise(connection: AsyncConnection, user_id: str) -> None:
    """See that a user cannot leave unnoticed before the transaction has ended; raises ``UserHasLeft``."""
    # TODO saga: A user leaves
    return


async def orphan(connection: AsyncConnection, event: Event) -> None:
    """Make the orders of a user who has left orphans, and see that there will be no more."""
    # TODO saga: A user leaves
    return


async def has_left(request: Request, error: Exception) -> JSONResponse:
    """Answer 403: somebody who is no user any more orders nothing."""
    return problem(403, "this user has been deleted")
