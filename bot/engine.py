"""The engine as the gateway sees it: one turn in, one validated answer out."""

import asyncio
import logging
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from actions.outcomes import Outcome
from bot.replies import Command, merge
from connectors.registry import ANSWER_SECONDS
from knowledge.blocks import Answer, TextBlock
from knowledge.roles import Role

log = logging.getLogger(__name__)

TURN_SECONDS = 3.0
"""How long one turn may take in the engine before the gateway answers by itself."""
LOOKUP_SECONDS = ANSWER_SECONDS + 1.5
"""The same where a dossier system may be waited for."""


class EngineUnavailable(Exception):
    """The engine is down, too slow, or answered what is no answer; ``reason`` is one word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Metadata(BaseModel):
    """What the gateway tells the engine about a turn; nothing of it comes from the person."""

    role: Role = Role.CITIZEN
    unit: str = ""
    unit_name: str = ""
    channel: str
    locale: str = "vi"
    turn_id: str


def _answer(message: Any) -> Answer:
    if not isinstance(message, dict):
        raise EngineUnavailable("garbage")
    if isinstance(message.get("custom"), dict):
        answer = Answer.model_validate(message["custom"])
        Outcome(answer.outcome)
        return answer
    if isinstance(message.get("text"), str) and message["text"].strip():
        return Answer(outcome=Outcome.FALLBACK, blocks=[TextBlock(text=message["text"])])
    raise EngineUnavailable("garbage")


def _read(body: Any) -> Answer:
    messages = body.get("messages") if isinstance(body, dict) else None
    if not isinstance(messages, list) or not messages:
        raise EngineUnavailable("empty")
    try:
        answer = merge([_answer(message) for message in messages])
    except ValidationError as error:
        places = [".".join(map(str, item["loc"])) for item in error.errors()[:5]]
        log.error("engine answer refused", extra={"places": places})
        raise EngineUnavailable("garbage") from None
    except ValueError:
        log.error("engine answer has an unknown outcome")
        raise EngineUnavailable("garbage") from None
    if not answer.blocks:
        raise EngineUnavailable("empty")
    return answer


class Engine:
    """A client with kept-alive connections to the engine at ``url``."""

    def __init__(self, url: str, secret: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=f"{url.rstrip('/')}/webhooks/gateway",
            headers={"X-Engine-Secret": secret},
            timeout=httpx.Timeout(None),  # every call is bounded as a whole
            # The engine closes idle connections after five seconds.
            limits=httpx.Limits(keepalive_expiry=4.0),
            trust_env=False,
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def turn(
        self, conversation: str, said: str | Command, metadata: Metadata, *, looks_up: bool = False
    ) -> Answer:
        """The answer to a text or to a button. Raises EngineUnavailable within TURN_SECONDS, or
        LOOKUP_SECONDS where it may look up a dossier."""
        told = metadata.model_dump(mode="json")
        body: dict[str, Any] = {"conversation": conversation, "metadata": told}
        if isinstance(said, Command):
            body |= {"intent": said.intent, "slots": said.slots}
        else:
            body["text"] = said
        seconds = LOOKUP_SECONDS if looks_up else TURN_SECONDS
        return _read(await self._call("POST", "/turns", body, seconds))

    async def erase(self, conversation: str) -> None:
        """Erases what the engine remembers of ``conversation``. Raises EngineUnavailable."""
        try:
            await self._call("DELETE", f"/conversations/{conversation}")
        except EngineUnavailable as error:
            if error.reason != "status_404":
                raise

    async def healthy(self) -> bool:
        """Whether the engine answers and has a model."""
        try:
            body = await self._call("GET", "/health")
        except EngineUnavailable:
            return False
        return isinstance(body, dict) and body.get("model") is True

    async def _call(
        self, method: str, path: str, body: Any = None, seconds: float | None = None
    ) -> Any:
        try:
            async with asyncio.timeout(seconds or TURN_SECONDS):
                response = await self._client.request(method, path, json=body)
            if response.is_error:
                raise EngineUnavailable(f"status_{response.status_code}")
            return response.json() if response.content else None
        except TimeoutError:
            raise EngineUnavailable("slow") from None
        except httpx.TimeoutException:
            raise EngineUnavailable("slow") from None
        except httpx.HTTPError:
            raise EngineUnavailable("down") from None
        except ValueError:
            raise EngineUnavailable("garbage") from None
