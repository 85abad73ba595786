"""The composition root of a worker."""

from lesson03_middleware_logging.logs import configure_logging
from lesson19_processes_and_scaling.configuration import Configuration
from lesson19_processes_and_scaling.places import Places
from lesson19_processes_and_scaling.serving import serve_at
from lesson19_processes_and_scaling.settings import WorkerSettings
from lesson19_processes_and_scaling.worker_app import create_worker

settings = WorkerSettings.from_environment()
name, places = settings.supervisor_process_name, Places(settings.state_dir)
configure_logging(settings.model_copy(update={"service": name}))
serve_at(places.socket(name), create_worker(name, Configuration.read(places.configuration)))
