"""The composition root of ``service``: the one place that knows which parts an instance is made of."""

from uuid import uuid4

from lesson03_middleware_logging.logs import configure_logging
from lesson03_middleware_logging.serving import serve
from lesson14_service_discovery.backends import registrar_for
from lesson14_service_discovery.instance_app import create_instance
from lesson14_service_discovery.instances import Instance
from lesson14_service_discovery.membership import Membership
from lesson14_service_discovery.settings import InstanceSettings

settings = InstanceSettings.from_environment()
configure_logging(settings)
me = Instance(service=settings.service, id=uuid4().hex, url=f"http://{settings.host}:{settings.port}")
membership = Membership(registrar_for(settings), me, settings.beat_s)
# httpx cannot look at an idle connection that uvloop has closed by itself, as it does when the other side is killed.
serve(create_instance(me, membership, settings.drain_s), settings, loop="asyncio")
