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
    # starter: return {"stdout_logfile": "NONE", "stderr_logfile": "NONE"}
    # --8<-- [start:logs]
    return {
        "redirect_stderr": "true",
        "stdout_logfile": str(log),
        "stdout_logfile_maxbytes": str(LOG_BYTES),
        "stdout_logfile_backups": "1",
    }
    # --8<-- [end:logs]


def when_it_ends() -> Options:
    """Start it again, however it has ended."""
    # starter: return {"autorestart": "false"}
    # --8<-- [start:restart]
    return {"autorestart": "true"}
    # --8<-- [end:restart]


def when_it_keeps_ending(retries: int) -> Options:
    """Wait a second longer before each new attempt, and give up after so many."""
    # starter: return {"startsecs": "0"}
    # --8<-- [start:back-off]
    return {"startsecs": str(STARTED_AFTER_S), "startretries": str(retries)}
    # --8<-- [end:back-off]


def when_it_has_to_stop(polite: str) -> Options:
    """Ask for it with the signal that lets it finish; whoever takes too long is killed."""
    # starter: return {"stopsignal": "KILL"}
    # --8<-- [start:drain]
    return {"stopsignal": polite, "stopwaitsecs": str(STOP_WITHIN_S)}
    # --8<-- [end:drain]
