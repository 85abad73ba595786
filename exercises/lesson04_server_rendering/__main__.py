"""The composition root: the one place that knows which parts the program is made of."""

from lesson01_rest_crud.repository import MemoryProducts
from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson04_server_rendering.app import create_app
from lesson04_server_rendering.settings import PageSettings

settings = PageSettings.from_environment()
configure_logging(settings)
serve(create_app(MemoryProducts(), settings.session_secret), settings)
