"""The whole assistant for tests: trained engine, app, shipped catalogue, on free ports; its
messaging channels are connected to fake platforms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_channels import FakePlatforms, in_thread

from bot.cli.conversation import Talk
from bot.processes import Part
from bot.settings import Settings
from bot.supervisor import free_port, started
from knowledge.rules.service import Rules
from knowledge.service import Knowledge


@dataclass
class Assistant:
    """A running assistant; ``parts`` are its processes, ``var`` is where it writes."""

    url: str
    parts: list[Part]
    var: Path
    talks: list[Talk] = field(default_factory=list)

    def talk(self) -> Talk:
        """A new conversation; closed with the assistant."""
        self.talks.append(Talk(self.url))
        return self.talks[-1]

    def health(self) -> dict[str, Any]:
        ready: dict[str, Any] = httpx.get(f"{self.url}/readyz", trust_env=False).json()
        return ready


@pytest.fixture(scope="session")
def platforms() -> Iterator[FakePlatforms]:
    """Telegram and Zalo as the session's assistant knows them."""
    with in_thread(FakePlatforms()) as running:
        yield running


@pytest.fixture(scope="session")
def assistant(
    tmp_path_factory: pytest.TempPathFactory,
    cache_dir: Path,
    engine_model: Path,
    shipped_database: str,
    knowledge: Knowledge,
    rules: Rules,
    platforms: FakePlatforms,
) -> Iterator[Assistant]:
    var = tmp_path_factory.mktemp("assistant")
    given = {
        "cache_dir": cache_dir,
        "var_dir": var,
        "database_url": shipped_database,
        "conversations_url": f"sqlite:///{var / 'conversations.db'}",
        "limit_conversation": 100_000,
        "limit_address": 500_000,
        **platforms.settings(),
    }
    settings = Settings(port=free_port(), **given)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in given.items():
            environment.setenv(f"ASSISTANT_{name.upper()}", str(value))
        environment.setenv("ASSISTANT_TRACKER_DB", f"sqlite:///{var / 'trackers.db'}")
        with started(settings) as parts:
            running = Assistant(f"http://127.0.0.1:{settings.port}", parts, var)
            yield running
            for talk in running.talks:
                talk.close()
