"""What supervisor does with a process: when it prints, when it dies, when it is asked to stop.

https://supervisord.org/configuration.html#program-x-section-settings
"""

from pathlib import Path

Options = dict[str, str]

LOG_BYTES = 1_000_000
STOP_WITHIN_S = 8
# Who has lived so long has started; to be killed later is no reason to wait before the next start.
STARTED_AFTER_S = 3


def what_it_prints(log: Path) -> Options:
    """Keep it under the process's name, and one older file of it."""
    # TODO logs: Read the logs by name
    return {"stdout_logfile": "NONE", "stderr_logfile": "NONE"}


def when_it_ends() -> Options:
    """Start it again, however it has ended."""
    # TODO restart: Start again what has died
    return {"autorestart": "false"}


def when_it_keeps_ending(retries: int) -> Options:
    """Wait a second longer before each new attempt, and give up after so many."""
    # TODO back-off: Do not run after what cannot run
    return {"startsecs": "0"}


def when_it_has_to_stop(polite: str) -> Options:
    """Ask for it with the signal that lets it finish; whoever takes too long is killed."""
    # TODO drain: Finish before you leave
    return {"stopsignal": "KILL"}
