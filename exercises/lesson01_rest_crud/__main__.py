"""The composition root: the one place that knows which parts the program is made of."""

from lesson01_rest_crud.app import create_app
from lesson01_rest_crud.repository import MemoryProducts
from lesson01_rest_crud.serving import serve
from lesson01_rest_crud.settings import Settings

settings = Settings.from_environment()
serve(create_app(MemoryProducts()), settings)
