"""The composition root: the one place that knows which parts the program is made of."""

from lesson01_rest_crud.serving import serve
from lesson01_rest_crud.settings import Settings

from lesson11_graphql.app import create_app

settings = Settings.from_environment()
serve(create_app(), settings)
