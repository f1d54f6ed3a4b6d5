"""An assistant of its own for a benchmark: real engine and app on free ports, scratch data."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import psutil

from bot.processes import Part
from bot.settings import Settings
from bot.supervisor import free_port, started

UNLIMITED = "1000000"


@dataclass
class Running:
    """``url`` of the page; ``ready_seconds`` from the first part's start to the last answer."""

    url: str
    ready_seconds: float
    parts: list[Part]

    def resident_mb(self) -> dict[str, float]:
        """Resident memory by part, MiB, children included."""
        sizes = {}
        for part in self.parts:
            assert part.process is not None
            process = psutil.Process(part.process.pid)
            family = [process, *process.children(recursive=True)]
            sizes[part.name] = sum(member.memory_info().rss for member in family) / 2**20
        return sizes


@contextlib.contextmanager
def assistant(**environment: str) -> Iterator[Running]:
    """Start engine and app on the catalogue and index of the settings in force, and with what
    ``environment`` says; stop them after."""
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory())
        given = {
            "ASSISTANT_LIMIT_CONVERSATION": UNLIMITED,
            "ASSISTANT_LIMIT_ADDRESS": UNLIMITED,
            "ASSISTANT_CONVERSATIONS_URL": f"sqlite:///{scratch}/conversations.db",
            "ASSISTANT_PORT": str(free_port()),
            "ASSISTANT_VAR_DIR": scratch,
        }
        stack.enter_context(mock.patch.dict(os.environ, given | environment))
        settings = Settings()
        begun = time.perf_counter()
        with started(settings) as parts:
            ready = time.perf_counter() - begun
            yield Running(f"http://127.0.0.1:{settings.port}", ready, parts)


def questions() -> list[str]:
    """A mixed script: needs, follow-ups, small talk, unaccented and unknown ones."""
    return (Path(__file__).parent / "questions" / "script.txt").read_text("utf-8").splitlines()
