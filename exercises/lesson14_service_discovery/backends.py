"""The backend that ``REGISTRY_URL`` names."""

from lesson14_service_discovery.consul import ConsulRegistry
from lesson14_service_discovery.etcd import EtcdRegistry
from lesson14_service_discovery.mdns import MdnsRegistry
from lesson14_service_discovery.memory import MemoryRegistry, RemoteRegistrar
from lesson14_service_discovery.registry import Registrar, Registry
from lesson14_service_discovery.settings import InstanceSettings, RegistrySettings


def shared(settings: RegistrySettings) -> EtcdRegistry | MdnsRegistry | ConsulRegistry | None:
    """The backend that is one and the same for all; None when the gateway keeps the registry itself."""
    url, ttl_s = settings.registry_url.get_secret_value(), settings.registry_ttl_s
    match settings.kind:
        case "etcd":
            return EtcdRegistry(url, ttl_s)
        case "mdns":
            return MdnsRegistry(url.removeprefix("mdns:"), ttl_s)
        case "consul":
            return ConsulRegistry(url, ttl_s)
    return None


def secret(settings: RegistrySettings) -> str:
    """What instances have to know to register in the gateway's memory."""
    return settings.registry_url.get_secret_value().removeprefix("memory:")


def registry_for(settings: RegistrySettings) -> Registry:
    """The registry for those who look for instances."""
    return shared(settings) or MemoryRegistry(secret(settings))


def registrar_for(settings: InstanceSettings) -> Registrar:
    """The registry for an instance."""
    return shared(settings) or RemoteRegistrar(settings.web_url, secret(settings), settings.registry_ttl_s)
