"""The composition root of ``web``: it becomes supervisor, and starts everything else."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from lesson19_processes_and_scaling.nginx_files import write_nginx
from lesson19_processes_and_scaling.places import Places
from lesson19_processes_and_scaling.settings import RunSettings
from lesson19_processes_and_scaling.supervising import supervise
from lesson19_processes_and_scaling.supervisor_files import SupervisorFiles

settings = RunSettings.from_environment()
with TemporaryDirectory(prefix="lesson19-") as folder:
    places = Places(Path(folder))
    first = settings.configuration
    first.write(places.configuration)
    write_nginx(places, settings, first.names)
    SupervisorFiles(places, settings, os.getpid()).write(first.names)
    # The others get our environment; only the manager gets the token too.
    os.environ["STATE_DIR"] = folder
    os.environ.pop("MANAGE_TOKEN")
    supervise(places.supervisor_conf)
