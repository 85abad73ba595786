"""Where is everybody: instances register, a gateway finds them and shares the requests among them.

What it gives to later lessons, each from the module where it is:

- ``instances.Instance``: one process of a service: ``service``, ``id`` and ``url``.
- ``registry.Registry``: what every backend can do; ``registry.RegistryGone`` when it cannot.
- ``backends.open_registry(settings)``: the one that ``REGISTRY_URL`` names.
- ``membership.registered(registry, instance, every_s)``: a context in which this process is registered.
- ``leaving.Leaving``: out of rotation first, then SIGTERM.
- ``directory.Directory``: who is there, also while the registry is not; ``directory.follow`` keeps it up to date.
- ``balancing.RoundRobin`` and ``balancing.Balanced(client, directory, configuration)``: an ASGI app that forwards.
- ``configuration.Configuration``: values in layers, which may change while the program runs.
- ``app.create_gateway(...)`` and ``instance_app.create_instance(...)``: all of it as two apps.
"""
