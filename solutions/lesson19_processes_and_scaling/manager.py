"""The composition root of the manager, which supervisor starts too."""

from lesson03_middleware_logging.logs import configure_logging
from lesson19_processes_and_scaling.manager_app import create_manager
from lesson19_processes_and_scaling.places import Places
from lesson19_processes_and_scaling.serving import serve_at
from lesson19_processes_and_scaling.settings import ManagerSettings

settings = ManagerSettings.from_environment()
configure_logging(settings.model_copy(update={"service": "manager"}))
serve_at(Places(settings.state_dir).socket("manager"), create_manager(settings))
