"""``assistant chat``, ``ask`` and ``dossier``: talk in the terminal, through the same gateway."""

import contextlib
import json
from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import typer

from bot.cli.output import console
from bot.processes import reachable
from bot.settings import Settings
from bot.supervisor import free_port, started
from bot.terminal import draw
from connectors.codes import read_codes
from knowledge.errors import OperatorError

TURN_SECONDS = 10.0


class Talk:
    """One conversation over the HTTP API at ``base_url``."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=TURN_SECONDS, trust_env=False)
        opened = self._http.post("/api/v1/conversations").raise_for_status().json()
        self.notice: str = opened["notice"]["text"]
        self._path = f"/api/v1/conversations/{opened['conversation_id']}/messages"
        self._http.headers["Authorization"] = f"Bearer {opened['token']}"

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()

    def say(self, text: str) -> dict[str, Any]:
        """The reply to a text; a problem's detail stands in ``detail``."""
        return self._send({"text": text})

    def choose(self, option: str) -> dict[str, Any]:
        """The reply to a button, by its id."""
        return self._send({"choice": option})

    def _send(self, message: dict[str, str]) -> dict[str, Any]:
        reply: dict[str, Any] = self._http.post(self._path, json=message).json()
        return reply


@contextlib.contextmanager
def _assistant() -> Iterator[str]:
    """The address of the running assistant, or of one started for this command alone."""
    settings = Settings()
    running = f"http://{reachable(settings.host)}:{settings.port}"
    if _answers(running):
        yield running
        return
    settings = settings.model_copy(update={"host": "127.0.0.1", "port": free_port()})
    with started(settings):
        yield f"http://127.0.0.1:{settings.port}"


def _answers(base_url: str) -> bool:
    try:
        reply = httpx.get(f"{base_url}/readyz", timeout=1.0, trust_env=False)
    except httpx.HTTPError:
        return False
    return reply.status_code == 200 and "parts" in reply.text


def ask(
    text: str,
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply as JSON.")] = False,
) -> None:
    """Ask one question and print the answer."""
    with _assistant() as base_url, contextlib.closing(Talk(base_url)) as talk:
        reply = talk.say(text)
    if as_json:
        print(json.dumps(reply, ensure_ascii=False))
    else:
        draw(reply, console)


def dossier(
    code: Annotated[str, typer.Argument(help="The code on the receipt, however it is spelled.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the reply as JSON.")] = False,
) -> None:
    """Print where a dossier stands, as a person is told."""
    if not read_codes(code):
        raise OperatorError(f"{code!r} holds no dossier code, such as H37.12-260601-0004")
    ask(code, as_json)


def chat() -> None:
    """Talk in the terminal; a number takes an offered choice, an empty line ends the talk."""
    with _assistant() as base_url, contextlib.closing(Talk(base_url)) as talk:
        console.print(talk.notice, markup=False, style="dim")
        options: list[str] = []
        while typed := _typed():
            chosen = typed.isdigit() and 0 < int(typed) <= len(options)
            reply = talk.choose(options[int(typed) - 1]) if chosen else talk.say(typed)
            options = draw(reply, console)


def _typed() -> str:
    try:
        return console.input("[bold]> [/bold]").strip()
    except EOFError:
        return ""
