"""The composition root of ``web``: the one place that knows which parts the program is made of."""

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson05_postgresql.database import Database
from lesson17_events_and_sagas.app import create_app
from lesson17_events_and_sagas.backends import bus_for
from lesson17_events_and_sagas.database import SHOP, prepare
from lesson17_events_and_sagas.settings import BusSettings
from lesson17_events_and_sagas.shop_events import ALL

settings = BusSettings.from_environment()
configure_logging(settings)
serve(create_app(Database(settings.database_url, prepare(SHOP)), bus_for(settings.broker_url, ALL)), settings)
