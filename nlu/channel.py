"""The engine's only door: the gateway's input channel, behind a shared secret.

One request is one turn; all messages of the turn come back at once, and a turn that brought none
is an error, never an empty answer. A person's text is never an intent: only the gateway's own
``intent`` field is.
"""

import hmac
import json
import unicodedata
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

import nlu.patches  # noqa: F401  (applied by importing)
from knowledge.text.folding import tokens
from nlu.tracker_store import BoundedTrackerStore

FALLBACK_INTENT = "nlu_fallback"
MAX_ID_LENGTH = 255


class BadTurn(ValueError):
    """``str(error)`` says what is wrong with the request."""


def problem(status: int, title: str) -> HTTPResponse:
    """An RFC 9457 problem; ``title`` never repeats what the request said."""
    body = {"type": "about:blank", "status": status, "title": title}
    return json_response(body, status=status, content_type="application/problem+json")


def plain_text(text: str) -> str:
    """``text`` composed (NFC), without the leading slashes that mean an intent to Rasa."""
    text = unicodedata.normalize("NFC", text).strip()
    while text.startswith("/"):
        text = text.lstrip("/").lstrip()
    return text


def _parse(intent: str, entities: dict[str, str]) -> dict[str, Any]:
    return {
        "intent": {"name": intent, "confidence": 1.0},
        "entities": [{"entity": name, "value": value} for name, value in entities.items()],
    }


def _intent_turn(body: dict[str, Any], agent: Agent) -> tuple[str, dict[str, Any]]:
    intent, slots = body["intent"], body.get("slots") or {}
    if intent not in agent.domain.intents:
        raise BadTurn("intent unknown")
    if not isinstance(slots, dict) or not all(isinstance(v, str) for v in slots.values()):
        raise BadTurn("slots must be texts by name")
    if not set(slots) <= set(agent.domain.entities):
        raise BadTurn("slot unknown")
    text = f"/{intent}{json.dumps(slots, ensure_ascii=False)}"
    return text, {"text": text, **_parse(intent, slots)}


def read_turn(body: Any, agent: Agent) -> UserMessage:
    """The request's JSON as Rasa's message. Raises :class:`BadTurn`."""
    if not isinstance(body, dict):
        raise BadTurn("an object is expected")
    conversation, metadata = body.get("conversation"), body.get("metadata") or {}
    if not isinstance(conversation, str) or not 0 < len(conversation) <= MAX_ID_LENGTH:
        raise BadTurn("conversation must be a text")
    if not isinstance(metadata, dict):
        raise BadTurn("metadata must be an object")
    if ("text" in body) == ("intent" in body):
        raise BadTurn("either text or intent is expected")
    parse: dict[str, Any] | None = None
    if "intent" in body:
        text, parse = _intent_turn(body, agent)
    elif isinstance(body["text"], str):
        text = plain_text(body["text"])
        if not tokens(text):
            parse = {"text": text, **_parse(FALLBACK_INTENT, {})}
    else:
        raise BadTurn("text must be a text")
    return UserMessage(
        text,
        CollectingOutputChannel(),
        conversation,
        parse_data=parse,
        input_channel=GatewayChannel.name(),
        metadata=metadata,
    )


class GatewayChannel(InputChannel):
    """``credentials.yml`` names this class and gives its ``secret``."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @classmethod
    def name(cls) -> str:
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "GatewayChannel":
        """Raises ``ValueError`` without a secret: the engine then does not start."""
        secret = (credentials or {}).get("secret")
        if not secret:
            raise ValueError(
                "ASSISTANT_ENGINE_SECRET is empty: the engine's channel needs a secret"
            )
        return cls(str(secret))

    def _is_gateway(self, request: Request) -> bool:
        return hmac.compare_digest(
            request.headers.get("x-engine-secret", "").encode(), self._secret
        )

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("gateway")

        @routes.middleware("request")
        async def authenticate(request: Request) -> HTTPResponse | None:
            if request.path.endswith("/health") or self._is_gateway(request):
                return None
            return problem(401, "secret missing or wrong")

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            ready = request.app.ctx.agent.is_ready()
            return json_response({"model": ready}, status=200 if ready else 503)

        @routes.post("/turns")
        async def turn(request: Request) -> HTTPResponse:
            try:
                message = read_turn(json.loads(request.body), request.app.ctx.agent)
            except BadTurn as error:
                return problem(400, str(error))
            except ValueError:
                return problem(400, "not JSON")
            await on_new_message(message)
            messages = message.output_channel.messages
            if not messages:
                return problem(502, "no action answered")
            return json_response({"messages": messages})

        @routes.delete("/conversations/<conversation:str>")
        async def erase(request: Request, conversation: str) -> HTTPResponse:
            agent: Agent = request.app.ctx.agent
            async with agent.lock_store.lock(conversation):
                _bounded_store(agent).erase(conversation)
            return HTTPResponse(status=204)

        return routes


def _bounded_store(agent: Agent) -> BoundedTrackerStore:
    """The store behind Rasa's fail-safe wrapper."""
    store: BoundedTrackerStore = agent.tracker_store._tracker_store
    return store
