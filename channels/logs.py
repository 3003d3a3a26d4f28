"""JSON logs without anybody's data: no text, no token, no address, no conversation's id.

An exception is logged by its type and the places it passed through. Its message may quote what a resident
wrote (a database error quotes its parameters), so it is left out.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import traceback
from typing import Any, TextIO, cast

import structlog


class _Bare(logging.Formatter):
    """Library records: who, where, and the exception's type. Their text may hold anything: it stays out."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "event": "library",
            "level": record.levelname.lower(),
            "logger": record.name,
            "place": f"{record.module}:{record.lineno}",
        }
        if record.exc_info and record.exc_info[1]:
            entry |= failure(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False)


class _Output:
    """Standard output as it is at that moment. Where nobody reads it any more, residents are still answered."""

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()


def failure(error: BaseException) -> dict[str, Any]:
    """An exception without its message: type, causes, and the last places it came through."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 4:
        chain.append(type(seen).__name__)
        seen = seen.__cause__ or seen.__context__
    return {
        "error": " < ".join(chain),
        "trace": [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    }


def configure() -> None:
    """Logs of this process go to standard output, a JSON object a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Output())),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(_Output())
    handler.setFormatter(_Bare())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def get() -> Any:
    return structlog.get_logger()
