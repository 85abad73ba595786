"""Starters from solutions, and the proofs that a lesson is whole."""

from taller.authoring.errors import AuthoringError, LearnersWork
from taller.authoring.starter import starter_of
from taller.authoring.sync import Synced, sync, sync_all

__all__ = ["AuthoringError", "LearnersWork", "Synced", "starter_of", "sync", "sync_all"]
