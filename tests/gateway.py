"""The gateway under test: the real app over a fake engine and a small project-made catalogue."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fake_engine import SECRET, FakeEngine, serving
from fastapi import FastAPI
from rasa_sdk.executor import ActionExecutor

from bot.app import build_app
from bot.settings import Settings
from connectors.registry import Dossiers
from knowledge.deciding import Decision
from knowledge.records import (
    Case,
    Component,
    ParseState,
    Procedure,
    Section,
    SectionKey,
    Source,
)
from knowledge.rules.service import Rules
from knowledge.search import Hit, SearchResult
from knowledge.shaping import answer
from knowledge.text.folding import fold

SOURCE = Source(kind="shipped", url="https://example.gov.vn/1")
BIRTH = Procedure(
    code="1.001193",
    name="Thủ tục đăng ký khai sinh",
    provincial_code="1.001193.000.00.00.H37",
    field="Hộ tịch",
    cases=[Case(components=[Component(name="Tờ khai <b>theo mẫu</b>", originals=1)])],
    sections={
        SectionKey.COMPONENTS: Section(
            verbatim="Tờ khai <b>theo mẫu</b>", parse=ParseState.FULL, source=SOURCE
        )
    },
    provenance={"name": SOURCE},
    url="https://example.gov.vn/1",
)


class SmallCatalogue:
    """One procedure, found by any word of its name."""

    def search(self, text: str, *, limit: int = 10, **filters: Any) -> SearchResult:
        found = any(word in fold(BIRTH.name).split() for word in fold(text).split())
        hit = Hit(BIRTH.code, BIRTH.name, "commune", BIRTH.field, 0.9)
        decision = Decision.ANSWER if found else Decision.NOT_IN_CATALOGUE
        return SearchResult(decision, [hit] if found else [], text, subject=text)

    def procedure(self, code: str) -> Procedure | None:
        return BIRTH if code in (BIRTH.code, BIRTH.provincial_code) else None

    def answer(self, procedure: Procedure, sections: list[SectionKey], *_: Any) -> list[Any]:
        return answer(procedure, sections)

    def status(self) -> dict[str, Any]:
        built = "2026-11-01T00:00:00+00:00"
        return {"records": 1, "index_built_at": built, "index_current": True}

    def reload_if_newer(self) -> bool:
        return False


def settings(folder: Path, **values: Any) -> Settings:
    """Settings of an app that writes into ``folder`` only."""
    return Settings(
        **{
            "var_dir": folder,
            "conversations_url": f"sqlite:///{folder}/conversations.db",
            "engine_secret": SECRET,
            "action_port": 0,
            "limit_conversation": 1000,
            "limit_address": 5000,
        }
        | values
    )


@dataclass
class Gateway:
    """A running app, its client, and the engine behind it."""

    app: FastAPI
    client: httpx.AsyncClient
    engine: FakeEngine
    settings: Settings

    async def begin(self) -> "Talk":
        """A new conversation."""
        begun = (await self.client.post("/api/v1/conversations")).json()
        return Talk(self, begun["conversation_id"], begun["token"])

    @property
    def services(self) -> Any:
        return self.app.state.services


@dataclass
class Talk:
    """One conversation of a gateway."""

    gateway: Gateway
    id: str
    token: str

    @property
    def path(self) -> str:
        return f"/api/v1/conversations/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def send(self, **message: Any) -> httpx.Response:
        """Sends ``text=`` or ``choice=``."""
        return await self.gateway.client.post(
            f"{self.path}/messages", json=message, headers=self.headers
        )

    async def history(self) -> list[dict[str, Any]]:
        answered = await self.gateway.client.get(f"{self.path}/messages", headers=self.headers)
        assert answered.status_code == 200, answered.text
        turns: list[dict[str, Any]] = answered.json()["turns"]
        return turns


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    executor: ActionExecutor | None = None,
    engine: FakeEngine | None = None,
    rules: Rules | None = None,
    **values: Any,
) -> AsyncIterator[Gateway]:
    """The app over a fake engine on a free port; ``values`` are settings."""
    engine = engine or FakeEngine()
    async with serving(engine.app()) as url:
        engine.url = url
        chosen = settings(folder, **{"engine_url": url} | values)
        catalogue: Any = SmallCatalogue()
        app = build_app(chosen, catalogue, executor or ActionExecutor(), Dossiers([]), rules)
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://assistant.test") as client,
        ):
            yield Gateway(app, client, engine, chosen)
