"""What the API returns for a turn: the answer with its options behind opaque ids."""

import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from actions.outcomes import Outcome
from knowledge.blocks import (
    Answer,
    AnswerBlock,
    ChoicesBlock,
    ComponentsBlock,
    ContactBlock,
    DossierBlock,
    FeeTableBlock,
    FiguresBlock,
    ListBlock,
    NoticeBlock,
    Option,
    ProcedureBlock,
    RuleArticleBlock,
    StepsBlock,
    TextBlock,
)


class PublicOption(BaseModel):
    """A button: send ``id`` as ``{"choice": id}``; without an id send ``label`` as text."""

    label: str
    detail: str = ""
    id: str | None = None


class PublicChoices(BaseModel):
    """A ``choices`` block as channels see it."""

    type: Literal["choices"] = "choices"
    text: str
    options: list[PublicOption]


PublicBlock = Annotated[
    TextBlock
    | ProcedureBlock
    | FeeTableBlock
    | ComponentsBlock
    | StepsBlock
    | ListBlock
    | PublicChoices
    | ContactBlock
    | NoticeBlock
    | DossierBlock
    | FiguresBlock
    | RuleArticleBlock,
    Field(discriminator="type"),
]


class TurnReply(BaseModel):
    """The answer to one message. ``timings_ms`` tells the parts of the work."""

    turn_id: str
    outcome: Outcome
    blocks: list[PublicBlock]
    suggestions: list[PublicOption]
    timings_ms: dict[str, float] = {}


class StoredTurn(BaseModel):
    """A turn as the history gives it: ``text`` is redacted; old turns keep their outcome only."""

    turn_id: str
    created_at: str = Field(description="ISO time, UTC")
    text: str | None
    outcome: Outcome
    blocks: list[PublicBlock]
    suggestions: list[PublicOption]
    feedback: Literal["up", "down"] | None


class Command(BaseModel):
    """What an option stands for: an intent with slots, known to the gateway alone."""

    label: str
    intent: str
    slots: dict[str, str] = {}


COMMANDS = TypeAdapter(list[Command])
BLOCKS = TypeAdapter(list[PublicBlock])
OPTIONS = TypeAdapter(list[PublicOption])


def choice_id(turn: str, position: int) -> str:
    """The opaque id of the option at ``position`` of ``turn``: at most 16 characters."""
    return f"{turn}.{position}"


def split_choice_id(choice: str) -> tuple[str, int] | None:
    """The turn and position of an option id, None when it has another form."""
    turn, dot, position = choice.rpartition(".")
    if (
        not dot
        or not position.isascii()
        or not position.isdigit()
        or len(choice) > 16
        or not turn.isprintable()
    ):
        return None
    return turn, int(position)


def is_choice_id(payload: str) -> bool:
    """Whether ``payload`` has the form of an option's id; words a person typed have not."""
    return re.fullmatch(r"[A-Za-z0-9_-]{12}\.\d{1,3}", payload) is not None


def publish(answer: Answer, turn: str) -> tuple[TurnReply, list[Command]]:
    """The reply of ``turn`` and, by position, the commands that its option ids stand for."""
    commands: list[Command] = []

    def public(option: Option) -> PublicOption:
        if option.intent is None:
            return PublicOption(label=option.label, detail=option.detail)
        commands.append(Command(label=option.label, intent=option.intent, slots=option.slots))
        issued = choice_id(turn, len(commands) - 1)
        return PublicOption(label=option.label, detail=option.detail, id=issued)

    def public_block(block: AnswerBlock) -> PublicBlock:
        if not isinstance(block, ChoicesBlock):
            return block
        return PublicChoices(text=block.text, options=[public(o) for o in block.options])

    reply = TurnReply(
        turn_id=turn,
        outcome=Outcome(answer.outcome),
        blocks=[public_block(block) for block in answer.blocks],
        suggestions=[public(option) for option in answer.suggestions],
        timings_ms={part: round(ms, 2) for part, ms in answer.timings_ms.items()},
    )
    return reply, commands


def merge(answers: list[Answer]) -> Answer:
    """One answer out of the messages of one turn: blocks in order, the first outcome wins (a form
    that asks again after an answer is no more than a reminder)."""
    return Answer(
        outcome=answers[0].outcome,
        blocks=[block for answer in answers for block in answer.blocks],
        suggestions=[option for answer in answers for option in answer.suggestions],
        timings_ms={name: ms for answer in answers for name, ms in answer.timings_ms.items()},
    )


def from_json(text: str | None) -> Any:
    """The list that a JSON column holds; nothing where the text was purged."""
    return json.loads(text) if text else []
