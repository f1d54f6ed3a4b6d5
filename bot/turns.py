"""One turn: a pipeline of small steps over one ``Turn``. Described in ``docs/turn.md``.

A step that sets ``turn.answer`` ends the pipeline. Every turn ends with an answer: where the
engine fails, the gateway answers by itself.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from actions.dossiers import MOST_DOSSIERS
from actions.outcomes import Outcome
from bot.conversations import ConversationStore, StoreUnavailable
from bot.edge import MAX_LENGTH, TextTooLong, clean, readable
from bot.emergencies import emergency
from bot.engine import Engine, EngineUnavailable, Metadata
from bot.identity.audit import Audit
from bot.identity.officials import Official
from bot.identity.references import references
from bot.limits import Limits, Lookup, Lookups, Standing
from bot.messages import message, messages
from bot.metrics import Metrics
from bot.notices import contact_block
from bot.problems import Problem
from bot.redaction import redact
from bot.replies import Command, TurnReply, publish
from bot.settings import Settings
from bot.tokens import new_turn_id
from bot.tracing import Tracing, describe
from knowledge.blocks import Answer, AnswerBlock, NoticeBlock, TextBlock
from knowledge.text.folding import fold

log = logging.getLogger(__name__)
_ERASE = frozenset(fold(text) for text in messages("erase_commands"))


@dataclass
class Turn:
    """What one message is and becomes. ``command``: what a channel's menu stands for; ``base_url``:
    where the person reached us; ``address``: where they come from, of the network or, as a keyed
    hash, of a messaging channel; '' where nobody tells; ``official``: who is signed in, by session
    or linked account, never by what was sent; ``resent``: it may have been taken before under the
    same ``turn_id``."""

    conversation: str
    channel: str
    text: str = ""
    choice: str | None = None
    command: Command | None = None
    base_url: str = ""
    address: str = ""
    official: Official | None = None
    turn_id: str = field(default_factory=new_turn_id)
    resent: bool = False
    said: str | Command = ""
    standing: Standing | None = None
    lookup: Lookup | None = None
    answer: Answer | None = None
    recorded: bool = False
    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Adds the duration of the enclosed work under ``part``."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings_ms[part] = round((time.perf_counter() - start) * 1000, 2)


class Turns:
    """Takes turns, one at a time in each conversation."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        store: ConversationStore,
        limits: Limits,
        lookups: Lookups,
        metrics: Metrics,
        audit: Audit,
        tracing: Tracing,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._store = store
        self._limits = limits
        self._metrics = metrics
        self._audit = audit
        self._tracing = tracing
        self._lookups = lookups
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._steps: list[tuple[str, Callable[[Turn], Awaitable[None]]]] = [
            ("choice", self._resolve_choice),
            ("erase", self._erase_on_request),
            ("empty", self._nothing_to_read),
            ("emergency", self._send_help),
            ("lookups", self._stop_guessing),
            ("engine", self._ask_engine),
        ]

    def lock(self, conversation: str) -> asyncio.Lock:
        """Held while something happens to ``conversation``."""
        return self._locks.setdefault(conversation, asyncio.Lock())

    async def take(self, turn: Turn) -> TurnReply:
        """Answers ``turn``. Raises Problem: too long, too fast, or an erased conversation."""
        with self._metrics.in_flight(), self._timed(turn, "total"):
            with self._timed(turn, "edge"):
                turn.said = turn.text = _cleaned(turn.text)
                turn.standing = await self._limits.check_conversation(turn.conversation)
            async with self.lock(turn.conversation):
                with self._timed(turn, "conversation"):
                    await self._admit(turn)
                    if (answered := await self._answered(turn)) is not None:
                        return answered
                reply, options = await self._answer(turn)
                with self._timed(turn, "store"):
                    await self._record(turn, reply, options)
            describe(turn.channel, reply.outcome)
        reply.timings_ms |= turn.timings_ms
        self._report(turn, reply)
        return reply

    @contextmanager
    def _timed(self, turn: Turn, part: str) -> Iterator[None]:
        """Keeps the duration of the enclosed work with the turn and in its trace."""
        with self._tracing.span(part if part != "total" else "turn"), turn.timed(part):
            yield

    async def erase(self, conversation: str, official: Official | None = None) -> None:
        """Deletes the conversation for good. Raises Problem when the database fails."""
        async with self.lock(conversation):
            try:
                closed = await self.closed(conversation, official)
            except StoreUnavailable:
                raise Problem(503, "history_unavailable") from None
            if closed:
                raise Problem(404, "conversation_not_found")
            await self._erase(conversation, closed=True)

    async def closed(self, conversation: str, official: Official | None) -> bool:
        """Whether the conversation is erased or somebody else's. Raises StoreUnavailable."""
        reader = official.id if official else None
        return await self._store.run(self._store.closed, conversation, reader)

    async def _admit(self, turn: Turn) -> None:
        """Refuses a closed conversation; an official's first turn makes it theirs alone. Without
        the store, which logs what officials see, everybody is a citizen."""
        try:
            if turn.official is None:
                closed = await self.closed(turn.conversation, None)
            else:
                closed = not await self._store.run(
                    self._store.claim, turn.conversation, turn.channel, turn.official.id
                )
        except StoreUnavailable:
            turn.official = None
            return
        if closed:
            raise Problem(404, "conversation_not_found")

    async def _answered(self, turn: Turn) -> TurnReply | None:
        """The reply of a turn that was taken before and whose answer got lost on the way."""
        if not turn.resent:
            return None
        try:
            return await self._store.run(self._store.reply, turn.conversation, turn.turn_id)
        except StoreUnavailable:
            return None

    async def _answer(self, turn: Turn) -> tuple[TurnReply, list[Command]]:
        for name, step in self._steps:
            with self._timed(turn, name):
                await step(turn)
            if turn.answer is not None:
                return publish(turn.answer, turn.turn_id)
        raise RuntimeError("the last step always answers")

    async def _resolve_choice(self, turn: Turn) -> None:
        if turn.command is not None:
            turn.said, turn.text = turn.command, turn.command.label
        if turn.choice is None:
            return
        command = self._store.recent_command(turn.conversation, turn.choice)
        if command is None:
            try:
                command = await self._store.run(self._store.command, turn.conversation, turn.choice)
            except StoreUnavailable:
                command = None
        if command is None:
            turn.answer = _says(Outcome.CLARIFYING, "answers.choice_gone")
        else:
            turn.said, turn.text = command, command.label

    async def _erase_on_request(self, turn: Turn) -> None:
        if isinstance(turn.said, str) and fold(turn.said).rstrip(" .!") in _ERASE:
            await self._erase(turn.conversation, closed=False)
            turn.text = ""
            turn.answer = _says(Outcome.ERASED, "answers.erased")

    async def _erase(self, conversation: str, *, closed: bool) -> None:
        try:
            await self._store.run(self._store.erase, conversation, closed)
            await self._engine.erase(conversation)
            await self._store.run(self._store.tracker_gone, conversation)
        except StoreUnavailable:
            raise Problem(503, "history_unavailable") from None
        except EngineUnavailable:
            log.warning("tracker left for the next sweep")

    async def _nothing_to_read(self, turn: Turn) -> None:
        if isinstance(turn.said, str) and not readable(turn.said):
            turn.answer = _says(Outcome.CLARIFYING, "answers.nothing_to_read")

    async def _send_help(self, turn: Turn) -> None:
        told = emergency(turn.said) if isinstance(turn.said, str) else None
        if told is not None:
            notice = NoticeBlock(text=told, level="warning")
            turn.answer = Answer(outcome=Outcome.HANDED_OVER, blocks=[notice])

    async def _stop_guessing(self, turn: Turn) -> None:
        if isinstance(turn.said, str):
            turn.lookup = self._lookups.read(turn.conversation, turn.address, turn.said)
        if turn.lookup is None or not (seconds := await self._lookups.wait(turn.lookup)):
            return
        text = message("answers.too_many_misses", minutes=math.ceil(seconds / 60))
        blocks: list[AnswerBlock] = [
            NoticeBlock(text=text, level="warning"),
            contact_block(self._settings, turn.base_url),
        ]
        turn.answer = Answer(outcome=Outcome.RATE_LIMITED, blocks=blocks)

    async def _ask_engine(self, turn: Turn) -> None:
        try:
            turn.answer = await self._engine.turn(
                turn.conversation, turn.said, _metadata(turn), looks_up=_may_look_up(turn)
            )
        except EngineUnavailable as error:
            log.error("engine unavailable", extra={"reason": error.reason})
            turn.answer = self._unavailable(turn.base_url)
        if turn.lookup is not None:
            await self._lookups.count(turn.lookup, turn.answer, MOST_DOSSIERS)
        if turn.official is not None:
            await self._log_look_up(turn, turn.official, turn.answer)

    async def _log_look_up(self, turn: Turn, official: Official, answer: Answer) -> None:
        """What an official is shown is logged first; what cannot be logged is not shown."""
        asked = [code.code for code in turn.lookup.codes] if turn.lookup else []
        try:
            await self._audit.note(official.subject, answer.outcome, [*references(answer), *asked])
        except StoreUnavailable:
            turn.answer = self._unavailable(turn.base_url)

    def _unavailable(self, base_url: str) -> Answer:
        notice = NoticeBlock(text=message("answers.engine_unavailable"), level="warning")
        blocks: list[AnswerBlock] = [notice, contact_block(self._settings, base_url)]
        return Answer(outcome=Outcome.ENGINE_UNAVAILABLE, blocks=blocks)

    async def _record(self, turn: Turn, reply: TurnReply, options: list[Command]) -> None:
        if options:
            self._store.remember(turn.conversation, turn.turn_id, options)
        stored = reply.model_copy(update={"timings_ms": reply.timings_ms | turn.timings_ms})
        text = redact(turn.text, digits=self._settings.dossier_second_factor)
        try:
            await self._store.run(
                self._store.record, turn.conversation, turn.channel, text, stored, options
            )
            turn.recorded = True
        except StoreUnavailable:
            return

    def _report(self, turn: Turn, reply: TurnReply) -> None:
        self._metrics.turn(turn.channel, reply.outcome, turn.timings_ms, recorded=turn.recorded)
        details = {"channel": turn.channel, "outcome": reply.outcome, "ms": turn.timings_ms}
        log.info("turn", extra=details)


def _metadata(turn: Turn) -> Metadata:
    told = Metadata(channel=turn.channel, turn_id=turn.turn_id)
    if turn.official is not None:
        told.role = turn.official.role
        told.unit, told.unit_name = turn.official.unit, turn.official.unit_name
    return told


def _may_look_up(turn: Turn) -> bool:
    """Whether a dossier system may be asked: by a code, by "the dossier of before", or for the
    figures of an official's unit."""
    if isinstance(turn.said, Command):
        return turn.said.intent == "dossier_status"
    return turn.lookup is not None or turn.official is not None or "ho so" in fold(turn.said)


def _cleaned(text: str) -> str:
    try:
        return clean(text)
    except TextTooLong as error:
        raise Problem(422, "text_too_long", length=error.length, limit=MAX_LENGTH) from None


def _says(outcome: Outcome, key: str) -> Answer:
    return Answer(outcome=outcome, blocks=[TextBlock(text=message(key))])
