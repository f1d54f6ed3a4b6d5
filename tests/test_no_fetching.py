"""Nothing that a person or a record names is fetched: who may call out is listed, and while hostile
addresses are typed, sent along and shown, connections go to the parts of the assistant alone."""

import ast
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from channels_gateway import connected
from fake_engine import serving
from hostile_texts import HOSTILE
from messengers import PEOPLE, TelegramUser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from test_hostile_texts import in_a_record
from test_plain_page import EVERY_BLOCK

ROOT = Path(__file__).resolve().parents[1]
CALLING = {"httpx", "httpx2", "requests", "urllib.request", "urllib3", "aiohttp", "http.client",
           "ftplib", "smtplib", "telegram", "authlib"}  # fmt: skip
CALLERS = {
    # module -> whose address, always from the settings
    "bot/engine.py": "the engine",
    "bot/processes.py": "our own processes",
    "bot/cli/conversation.py": "our own app",
    "bot/channels/doctor.py": "the platforms",
    "bot/channels/telegram/channel.py": "the platform",
    "bot/channels/zalo_bot/channel.py": "the platform",
    "bot/channels/zalo_oa/channel.py": "the platform",
    "bot/channels/zalo_oa/tokens.py": "the platform",
    "bot/identity/oidc.py": "the identity provider",
    "connectors/calling.py": "the dossier systems",
    "nlu/patches.py": "the actions",
}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _calls_out(file: Path) -> bool:
    names = set(_imported(ast.parse(file.read_text("utf-8"))))
    return any(name == one or name.startswith(f"{one}.") for name in names for one in CALLING)


def test_only_these_modules_can_call_out() -> None:
    packages = ("actions", "bot", "connectors", "knowledge", "nlu")
    files = [file for package in packages for file in (ROOT / package).rglob("*.py")]
    found = {str(file.relative_to(ROOT)) for file in files if _calls_out(file)}
    assert found == set(CALLERS)


_ports: set[int] | None = None


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _ports is not None and isinstance(args[1], tuple):
        _ports.add(int(args[1][1]))


@contextlib.contextmanager
def connections() -> Iterator[set[int]]:
    """The ports that this process connects to meanwhile."""
    global _ports
    if not hasattr(sys, "_assistant_watched"):
        sys.addaudithook(_watch)
        sys._assistant_watched = True  # type: ignore[attr-defined]
    _ports = set()
    try:
        yield _ports
    finally:
        _ports = None


async def test_no_address_of_a_person_or_record_is_fetched(tmp_path: Path) -> None:
    asked: list[str] = []

    async def trap(request: Request) -> Response:
        asked.append(request.url.path)
        return PlainTextResponse("")

    watched = Starlette(routes=[Route("/{path:path}", trap)])
    async with serving(watched) as url, connected(tmp_path, limit_conversation=10_000) as channels:
        typed = [*HOSTILE, f"{url}/a.png", f"<img src={url}/b>", f"hồ sơ ở {url}/c?x=1"]
        with connections() as ports:
            blocks = in_a_record(EVERY_BLOCK, f"{url}/record")
            for block in blocks:
                block["source"] = block.get("source") and block["source"] | {"url": f"{url}/source"}
            channels.engine.messages = [{"custom": {"outcome": "answered", "blocks": blocks}}]
            talk = await channels.gateway.begin()
            for text in typed:
                await talk.send(text=text)
                await channels.gateway.client.post("/chat", data={"text": text})
                await channels.gateway.client.get("/chat/search", params={"q": text})
            for channel in PEOPLE:
                await channels.say(PEOPLE[channel](channels.values), f"xem {url}/typed")
            person = TelegramUser(channels.values)
            for sent in ("photo", "document"):
                file = {"file_id": f"{url}/file", "file_unique_id": "1", "thumbnail": {"url": url}}
                await channels.deliver(person.text(f"{url}/caption", **{sent: file}))
            await channels.settle()
            own = {urlsplit(one).port for one in (channels.engine.url, channels.platforms.url)}
        assert ports and ports <= own, ports - own
    assert asked == []
