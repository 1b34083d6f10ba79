"""What the service writes to its log: JSON lines in production, readable ones in development, all
on standard error. Names, barcodes and tokens never get there: our own messages carry codes and
counts only, exceptions go without their messages, and what looks like a token is blotted out."""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from service.settings import Settings

_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]*\.?[\w-]*|pcl_[\w-]+|(?i:bearer)\s+\S+")
_PASSWORD = re.compile(r"(?<=://)([^\s:/@]*):[^\s@]*@")
BLOT = "[secret]"


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Set up our own messages and those of the libraries; again each time it is called."""
    target = stream or sys.stderr
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    rendering = _rendering(settings)
    structlog.configure(
        processors=[*_processors(), *rendering],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_processors()],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # Libraries speak up when something is wrong; what they would tell besides is not ours to check.
    root.setLevel(max(level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error"):
        server = logging.getLogger(name)
        server.handlers, server.propagate = [], True
        server.setLevel(level)


def _rendering(settings: Settings) -> list[Processor]:
    if settings.is_development:
        console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=_no_formatter)
        return [_stack_in_lines, console]
    return [structlog.processors.JSONRenderer()]


def _stack_in_lines(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The console writes a stack as it is, so it must be text."""
    if isinstance(stack := event.get("stack"), list):
        event["stack"] = "\n".join(map(str, stack))
    return event


def _processors() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        exception_without_message,
        blot_secrets,
    ]


def exception_without_message(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Where an exception came from, and of which kind: what it says may quote somebody's data."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = f"{type(error).__module__}.{type(error).__qualname__}"
        event["stack"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event


def blot_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A net under everything else: no message may hold a token or a password."""
    return _blotted(event)


def _blotted(event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _PASSWORD.sub(rf"\1:{BLOT}@", _TOKEN.sub(BLOT, value))
    return event


def _no_formatter(*_: object) -> None:
    """Exceptions are told by `exception_without_message` alone."""
