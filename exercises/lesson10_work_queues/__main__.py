"""The composition root of ``web``: the one place that knows which parts the program is made of."""

from lesson01_rest_crud.serving import serve
from lesson10_work_queues.app import create_app
from lesson10_work_queues.link import Link
from lesson10_work_queues.settings import WebSettings
from lesson10_work_queues.store import Store

settings = WebSettings.from_environment()
store = Store(settings.state_file)
serve(create_app(Link(str(settings.amqp_url), store), store), settings)
