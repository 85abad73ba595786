"""The command line: each command parses its words, calls one room, and prints what it answers."""

from taller.cli.main import main

__all__ = ["main"]
