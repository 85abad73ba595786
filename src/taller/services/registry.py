"""Which services there are: one per module in ``taller.services.kinds``."""

from importlib import import_module
from pkgutil import iter_modules

from taller.services import kinds
from taller.services.errors import ServiceError
from taller.services.service import Service


def names() -> list[str]:
    """The names of all services, as lessons use them."""
    return sorted(module.name for module in iter_modules(kinds.__path__))


def find(name: str) -> Service:
    """The service of that name; raises ``ServiceError`` if there is none."""
    if name not in names():
        raise ServiceError(f"no service {name!r}: there are {', '.join(names())}")
    service: Service = import_module(f"{kinds.__name__}.{name}").SERVICE
    return service
