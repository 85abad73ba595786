"""How often somebody may be wrong: failures are counted in MongoDB, for all processes of the shop."""

from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING, ReturnDocument

from lesson06_mongodb.database import Database, Mongo
from lesson07_jwt_auth.errors import TooManyFailures

COLLECTION = "login_failures"


async def prepare_throttle(mongo: Mongo) -> None:
    """Have MongoDB forget what is over; it does so about once a minute, so ``until`` decides, not the document."""
    await mongo[COLLECTION].create_index([("until", ASCENDING)], expireAfterSeconds=0)


class Throttle:
    """Counts up to a limit in a window of time that begins with the first failure."""

    def __init__(self, database: Database, window_s: int) -> None:
        self._database = database
        self._window = timedelta(seconds=window_s)

    async def count(self, key: str, limit: int) -> None:
        """Count one more attempt, in one step with looking how many there are; raises ``TooManyFailures``.

        It is counted before the password is looked at: of fifty that come at once, no more than ``limit`` get through.
        """
        # starter: return
        # --8<-- [start:guessing]
        now = datetime.now(UTC)
        is_over = {"$lte": [{"$ifNull": ["$until", now]}, now]}
        counted = {
            "failures": {"$cond": [is_over, 1, {"$add": ["$failures", 1]}]},
            "until": {"$cond": [is_over, now + self._window, "$until"]},
        }
        async with self._database.reached() as mongo:
            found = await mongo[COLLECTION].find_one_and_update(
                {"_id": key}, [{"$set": counted}], upsert=True, return_document=ReturnDocument.AFTER
            )
        assert found is not None
        if found["failures"] > limit:
            raise TooManyFailures((found["until"] - now).total_seconds())
        # --8<-- [end:guessing]

    async def forget(self, key: str) -> None:
        """Begin to count anew."""
        async with self._database.reached() as mongo:
            await mongo[COLLECTION].delete_one({"_id": key})

    async def take_back(self, key: str) -> None:
        """Count one less: it was no failure. The window of those that are left stays as it is."""
        async with self._database.reached() as mongo:
            await mongo[COLLECTION].update_one({"_id": key}, {"$inc": {"failures": -1}})
            await mongo[COLLECTION].delete_one({"_id": key, "failures": {"$lte": 0}})
