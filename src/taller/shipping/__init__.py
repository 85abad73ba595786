"""Dockerfiles, compose files and workflows, read as data and judged by rules, without an engine that runs them."""

from taller.shipping.compose import Compose
from taller.shipping.dockerfile import Dockerfile
from taller.shipping.ignoring import Ignored
from taller.shipping.problem import Problem, Unreadable
from taller.shipping.workflow import Workflow

__all__ = ["Compose", "Dockerfile", "Ignored", "Problem", "Unreadable", "Workflow"]
