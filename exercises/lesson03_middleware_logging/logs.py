"""Where log lines go, and what they look like."""

import logging
import sys
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from lesson03_middleware_logging.redaction import writable
from lesson03_middleware_logging.request_log import AnswerBrokenOff
from lesson03_middleware_logging.settings import LoggingSettings

OLD_FILES_KEPT = 5


def only_what_may_be_written(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """The last processor before JSON is made."""
    cleaned: EventDict = writable(line)
    return cleaned


def formatter(service: str, beginning: Sequence[Processor]) -> logging.Formatter:
    """One line of JSON for each message, whether it comes from structlog or from the standard library."""

    # TODO request-line: A line for every request
    return logging.Formatter()


def beginning_of_a_line() -> list[Processor]:
    """What every line is given when it is made: the request's id, its level and the time."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def handlers(settings: LoggingSettings) -> list[logging.Handler]:
    """Standard output, and with a folder two files in it."""
    found: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
    # TODO files: Files that do not grow for ever
    return found


def logged_already(record: logging.LogRecord) -> bool:
    """Whether uvicorn only repeats what the request's line has told."""
    # TODO exceptions: When the code fails
    return False


def configure_logging(settings: LoggingSettings, *more: Processor) -> None:
    """Make all log messages of the process lines of JSON; to be called once, before anything logs.

    ``more`` processors may add to each line.
    """
    beginning = [*beginning_of_a_line(), *more]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=level, handlers=handlers(settings), force=True)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(formatter(settings.service, beginning))
    logging.getLogger("uvicorn.error").addFilter(lambda record: not logged_already(record))
    structlog.configure(
        processors=[*beginning, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
