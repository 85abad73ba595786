"""Where is everybody: instances register, a gateway finds them and shares the requests among them.

What it gives to later lessons, each from the module where it is:

- ``instances.Instance``: one process of a service: ``service``, ``id`` and ``url``.
- ``settings.RegistrySettings``: ``REGISTRY_URL`` and ``REGISTRY_TTL_S`` beside lesson03's; derive from it.
- ``registry.Registrar`` and ``registry.Registry``: a registry as instances see it, and as those who look for them do;
  ``registry.RegistryGone`` when it is away.
- ``backends.registrar_for(settings)`` and ``backends.registry_for(settings)``: those that ``REGISTRY_URL`` names.
- ``background.meanwhile(*works)``: a context in which coroutines run.
- ``membership.Membership(registrar, instance, beat_s)``: this process's place in the registry.
- ``leaving.leaving_in_order(membership, drain_s)``: a context in which SIGTERM first takes it out of rotation.
- ``directory.Directory``: who is there, also while the registry is not; ``directory.follow`` keeps it up to date.
- ``balancing.RoundRobin`` and ``balancing.Balanced(client, directory, configuration)``: an ASGI app that forwards.
- ``configuration.Configuration``: values in layers, which may change while the program runs.
- ``app.create_gateway`` and ``instance_app.create_instance``: all of it as two apps.
"""
