"""An engine that knows dossiers alone: it looks up the codes of a message as the action does."""

from dataclasses import dataclass, field
from typing import Any

from fake_engine import FakeEngine, says
from gateway import SmallCatalogue
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from actions.context import Context
from actions.dossiers import dossier_reply
from connectors.codes import read_codes
from connectors.registry import Dossiers
from knowledge.blocks import ContactBlock


@dataclass
class DossierEngine(FakeEngine):
    """Small talk for what holds no code."""

    dossiers: Any = field(default_factory=lambda: Dossiers([]))

    async def turn(self, request: Request) -> Response:
        body = await request.json()
        self.seen.append(body)
        codes = read_codes(body["text"])
        if not codes:
            return JSONResponse({"messages": [says("Chào bạn", "small_talk")]})
        catalogue: Any = SmallCatalogue()
        context = Context(catalogue, ContactBlock(text="Nơi có thể giúp:", lines=[]), self.dossiers)
        reply = await dossier_reply(codes, context)
        return JSONResponse({"messages": [{"custom": reply.answer.model_dump(mode="json")}]})
