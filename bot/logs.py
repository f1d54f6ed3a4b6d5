"""Log lines as JSON. They hold no message text, token, dossier code or address of a person."""

import datetime as dt
import json
import logging
import traceback
from typing import Any

_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}


def _failure(error: BaseException) -> dict[str, Any]:
    """Type and place of an error. Its words are left out: they may quote what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, event, and what ``extra`` gave."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            line |= _failure(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(level: str) -> None:
    """Sends every log line of the process to standard error as JSON.

    Silenced: access lines and HTTP clients, whose addresses hold conversation ids, questions
    and channel tokens. The app logs its requests by route instead.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
    for name in ("httpx", "httpcore", "alembic", "rasa_sdk"):
        logging.getLogger(name).setLevel(logging.WARNING)
