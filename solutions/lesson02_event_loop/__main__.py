"""The composition root: the one place that knows which parts the program is made of."""

from lesson01_rest_crud.repository import MemoryProducts
from lesson01_rest_crud.serving import serve
from lesson02_event_loop.app import create_app
from lesson02_event_loop.sealing import Sealer
from lesson02_event_loop.settings import QuoteSettings
from lesson02_event_loop.suppliers import Suppliers

settings = QuoteSettings.from_environment()
urls = tuple(str(url).rstrip("/") for url in settings.supplier_urls)
suppliers = Suppliers(urls, settings.supplier_timeout_ms / 1000)
serve(create_app(MemoryProducts(), suppliers, Sealer()), settings)
