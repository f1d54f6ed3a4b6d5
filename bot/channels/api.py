"""The HTTP API. Described in ``docs/api.md``; machine-readable at ``/openapi.json``."""

import contextlib
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.exc import SQLAlchemyError

from bot.conversations import StoreUnavailable
from bot.edge import MAX_LENGTH, TextTooLong, clean
from bot.identity.audit import Event
from bot.identity.web import Asker
from bot.limits import MESSAGE_COST, SEARCH_COST
from bot.messages import messages
from bot.notices import FirstNotice, first_notice
from bot.problems import Problem, described
from bot.replies import PublicOption, StoredTurn, TurnReply
from bot.services import (
    Opened,
    Own,
    Parts,
    address_of,
    costs,
    site_of,
    tell,
    within_address_limit,
)
from bot.tokens import new_conversation_id, turn_id_of
from bot.turns import Turn
from knowledge.deciding import Decision
from knowledge.records import Level, Procedure

router = APIRouter(
    prefix="/api/v1", dependencies=[Depends(within_address_limit)], responses=described(422, 429)
)


class NewConversation(BaseModel):
    """``token`` opens the conversation; ``notice`` is shown before the first question."""

    conversation_id: str
    token: str
    notice: FirstNotice
    suggestions: list[PublicOption]


class Message(BaseModel):
    """What a person sends: words, or the id of an option they were offered."""

    model_config = ConfigDict(extra="forbid")

    text: str | None = Field(default=None, description=f"at most {MAX_LENGTH} characters")
    choice: str | None = None
    message_id: str | None = Field(
        default=None,
        pattern=r"^[\w-]{8,64}$",
        description="the client's own: sent twice with the same, a message is one turn",
    )

    @model_validator(mode="after")
    def _one(self) -> "Message":
        if (self.text is None) == (self.choice is None):
            raise ValueError("either text or choice")
        return self


class History(BaseModel):
    """The newest turns, oldest first."""

    turns: list[StoredTurn]


TurnId = Annotated[str, Path(pattern=r"^[\w-]{1,16}$")]


class Feedback(BaseModel):
    model_config = ConfigDict(extra="forbid")

    value: Literal["up", "down"]


class FoundProcedure(BaseModel):
    """One procedure found; ``score`` orders the results of one question."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    level: str
    field: str
    score: float


class FoundProcedures(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    decision: Decision
    results: list[FoundProcedure]


class FoundRule(BaseModel):
    """One clause or article, word for word; ``title``: of its document, which ``document`` names by
    its number. ``score`` orders the results of one question."""

    document: str
    title: str
    article: str
    clause: str
    address: str
    text: str
    score: float


class FoundRules(BaseModel):
    results: list[FoundRule]


@router.post("/conversations", status_code=201)
async def begin_conversation(parts: Parts) -> NewConversation:
    """Begin a conversation."""
    conversation = new_conversation_id()
    with contextlib.suppress(StoreUnavailable):  # the first stored turn makes up for it
        await parts.store.run(parts.store.create, conversation, "web")
        await parts.notices.note(conversation, "web")
    return NewConversation(
        conversation_id=conversation,
        token=parts.tokens.issue(conversation),
        notice=first_notice(parts.settings),
        suggestions=[PublicOption(label=label) for label in messages("suggestions")],
    )


@router.post(
    "/conversations/{conversation_id}/messages",
    response_model=TurnReply,
    responses=described(401, 404, 413),
)
@costs(MESSAGE_COST)
async def send_message(
    conversation: Own, sent: Message, request: Request, parts: Parts, asker: Asker
) -> Response:
    """Send a message; the answer comes back whole. It says so itself when something is down. Who
    is signed in on the assistant's own site asks as an official."""
    turn = Turn(
        conversation=conversation,
        channel="web",
        text=sent.text or "",
        choice=sent.choice,
        base_url=site_of(request, parts),
        address=address_of(request),
        official=asker,
    )
    if sent.message_id:
        turn.turn_id, turn.resent = turn_id_of(conversation, sent.message_id), True
    reply = await parts.turns.take(turn)
    if turn.standing is not None:
        tell(request, turn.standing)
    return Response(reply.model_dump_json(), media_type="application/json")


@router.get("/conversations/{conversation_id}/messages", responses=described(401, 404, 503))
async def read_history(conversation: Own, parts: Parts, asker: Asker) -> History:
    """The turns so far, personal details hidden."""
    try:
        if await parts.turns.closed(conversation, asker):
            raise Problem(404, "conversation_not_found")
        return History(turns=await parts.store.run(parts.store.history, conversation))
    except StoreUnavailable:
        raise Problem(503, "history_unavailable") from None


@router.delete(
    "/conversations/{conversation_id}", status_code=204, responses=described(401, 404, 503)
)
async def erase_conversation(conversation: Own, parts: Parts, asker: Asker) -> None:
    """Erase the conversation everywhere, now. Its token opens nothing any more."""
    await parts.turns.erase(conversation, asker)


@router.post("/turns/{turn_id}/feedback", status_code=204, responses=described(401, 404, 503))
async def give_feedback(turn_id: TurnId, opened: Opened, feedback: Feedback, parts: Parts) -> None:
    """Say whether an answer helped; the last word counts."""
    try:
        known = await parts.store.run(parts.store.feedback, opened, turn_id, feedback.value)
    except StoreUnavailable:
        raise Problem(503, "history_unavailable") from None
    if not known:
        raise Problem(404, "turn_not_found")


@router.get("/procedures")
@costs(SEARCH_COST)
async def search_procedures(
    parts: Parts,
    q: Annotated[str, Query(min_length=1, description="a need in everyday words, or a name")],
    level: Level | None = None,
    field: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> FoundProcedures:
    """Search the catalogue."""
    try:
        wanted = clean(q)
    except TextTooLong as error:
        raise Problem(422, "text_too_long", length=error.length, limit=MAX_LENGTH) from None
    found = parts.catalogue.search(wanted, limit=limit, level=level, field=field)
    return FoundProcedures.model_validate(found)


@router.get("/procedures/{code}", responses=described(404, 503))
async def read_procedure(code: str, parts: Parts) -> Procedure:
    """The whole record, by national or provincial code."""
    try:
        procedure = parts.catalogue.procedure(code)
    except SQLAlchemyError:
        raise Problem(503, "search_unavailable") from None
    if procedure is None:
        raise Problem(404, "procedure_not_found", code=code)
    return procedure


@router.get("/rules", responses=described(403, 503))
@costs(SEARCH_COST)
async def search_rules(
    parts: Parts,
    asker: Asker,
    q: Annotated[
        str, Query(description="a question, or a place such as Điều 15 of a document")
    ] = "",
) -> FoundRules:
    """Search the internal rules. For officials who have signed in, by the session's cookie."""
    if asker is None:
        raise Problem(403, "closed_to_citizens")
    try:
        wanted = clean(q)
    except TextTooLong as error:
        raise Problem(422, "text_too_long", length=error.length, limit=MAX_LENGTH) from None
    found = parts.rules.listed(wanted, asker.role) if parts.rules and wanted else []
    shown = [block.address for block, _ in found]
    try:
        await parts.identity.audit.note(asker.subject, Event.RULES_SEARCHED, shown)
    except StoreUnavailable:
        raise Problem(503, "search_unavailable") from None
    return FoundRules(
        results=[
            FoundRule(
                document=block.number, title=block.document, article=block.article,
                clause=block.clause, address=block.address, text=block.text, score=score,
            )
            for block, score in found
        ]
    )  # fmt: skip
