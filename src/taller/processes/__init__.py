"""Child processes that cannot outlive the process that started them."""

from taller.processes.child import Child, StartError
from taller.processes.limits import Limits
from taller.processes.ports import free_port
from taller.processes.state import StateDirectory

__all__ = ["Child", "Limits", "StartError", "StateDirectory", "free_port"]
