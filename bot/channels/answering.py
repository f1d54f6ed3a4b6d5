"""From an update to the messages that answer it: notice, turn, drawing."""

import re
from collections.abc import Sequence

from actions.outcomes import Outcome
from bot.channels.incoming import Incoming
from bot.channels.rendering import Draw
from bot.channels.rendering.blocks import document
from bot.channels.updates import Held, Message, Person, Updates
from bot.conversations import ConversationStore
from bot.identity.audit import Event
from bot.identity.officials import Official
from bot.identity.parts import Identity
from bot.limits import Limits
from bot.messages import message, messages
from bot.notice_log import NoticeLog
from bot.notices import contact_block, first_notice
from bot.problems import Problem
from bot.replies import Command, PublicBlock, PublicOption, is_choice_id
from bot.settings import Settings
from bot.tokens import turn_id_of
from bot.turns import Turn, Turns
from knowledge.blocks import NoticeBlock, TextBlock

_INTENTS = {"help": "help", "trangthai": "dossier_status"}
"""Which intent a command of the menu stands for; ``start`` and ``xoa`` are the gateway's own."""

_LINK, _UNLINK = "/lienket", "/bolienket"
"""How an official links their account by a one-time code, and unlinks it."""
_OFFERED = 5
"""Questions offered with the first notice: what one message of Zalo can hold."""


class Answering:
    """Makes answers. Raises StoreUnavailable; everything else becomes words."""

    def __init__(
        self,
        settings: Settings,
        turns: Turns,
        limits: Limits,
        store: ConversationStore,
        updates: Updates,
        identity: Identity,
        notices: NoticeLog,
    ) -> None:
        self._settings = settings
        self._turns = turns
        self._limits = limits
        self._store = store
        self._updates = updates
        self._identity = identity
        self._notices = notices

    async def answer(self, held: Held, draw: Draw) -> tuple[list[Message], bool]:
        """The messages that answer an update, none for one that wants none, and whether the first
        notice is among them."""
        try:
            # Counted for the person too: a new conversation after "/xoa" is no new allowance.
            await self._limits.check_person(held.person)
        except Problem as problem:
            return draw([_trouble(problem)], []), False
        person = await self._person(held)
        if held.incoming.kind == "arrival" and person.greeted:
            return [], False
        if held.incoming.kind == "arrival" or _command(held.incoming) == "start":
            return await self._notice(person, held, draw, alone=True), True
        outcome, blocks, suggestions = await self._turn(held, person)
        if outcome is Outcome.ERASED:
            await self._store.run(self._updates.forget, held.person)
            return draw(blocks, suggestions), False
        notice = [] if person.greeted else await self._notice(person, held, draw, alone=False)
        return [*notice, *draw(blocks, suggestions)], bool(notice)

    async def _notice(
        self, person: Person, held: Held, draw: Draw, *, alone: bool
    ) -> list[Message]:
        """What first contact says; ``alone``: with something to ask. That it is said is noted."""
        await self._notices.note(person.conversation, held.channel)
        notice = TextBlock(text=first_notice(self._settings).text)
        contact = contact_block(self._settings, self._settings.public_url)
        return draw([notice, contact], _suggestions() if alone else [])

    async def _person(self, held: Held) -> Person:
        return await self._store.run(self._updates.person, held.channel, held.person)

    async def _turn(
        self, held: Held, person: Person
    ) -> tuple[Outcome | None, list[PublicBlock], list[PublicOption]]:
        try:
            if _links(held.incoming):
                return None, [await self._link(held)], []
            if held.incoming.kind == "attachment":
                return None, [TextBlock(text=message("channels.attachment"))], []
            try:
                return await self._take(held, person)
            except Problem as problem:
                if problem.status != 404:
                    raise
            # The conversation was closed, by its age: the person begins a new one.
            await self._store.run(self._updates.forget, held.person)
            return await self._take(held, await self._person(held))
        except Problem as problem:
            return None, [_trouble(problem)], []

    async def _link(self, held: Held) -> NoticeBlock:
        """Links the person's account to an official, or unlinks it. A code is no question: it
        reaches neither the engine nor the history."""
        asked = held.incoming
        command, _, code = asked.value.strip().partition(" ")
        if asked.group:
            return NoticeBlock(text=message("linking.in_group"), level="warning")
        if command.lower() == _UNLINK:
            official = await self._identity.official_of(held.channel, asked.person)
            if official is None or not await self._identity.links.leave(held.channel, asked.person):
                return NoticeBlock(text=message("linking.not_linked"))
            await self._identity.audit.note(official.subject, Event.UNLINKED, [held.channel])
            return NoticeBlock(text=message("linking.unlinked"))
        official = await self._identity.links.redeem(held.channel, asked.person, code)
        if official is None:
            return NoticeBlock(text=message("linking.wrong"), level="warning")
        await self._identity.audit.note(official.subject, Event.LINKED, [held.channel])
        return NoticeBlock(text=message("linking.linked", name=official.name))

    async def _official(self, held: Held) -> Official | None:
        """Who writes, where only they read the answer: in a group everybody is a citizen."""
        if held.incoming.group:
            return None
        return await self._identity.official_of(held.channel, held.incoming.person)

    async def _take(
        self, held: Held, person: Person
    ) -> tuple[Outcome | None, list[PublicBlock], list[PublicOption]]:
        turn = await self._asked(held, person)
        reply = await self._turns.take(turn)
        blocks = list(reply.blocks)
        if held.incoming.attached:
            blocks.insert(0, NoticeBlock(text=message("channels.attached")))
        return reply.outcome, blocks, reply.suggestions

    async def _asked(self, held: Held, person: Person) -> Turn:
        incoming = held.incoming
        turn = Turn(
            conversation=person.conversation,
            channel=held.channel,
            base_url=self._settings.public_url,
            official=await self._official(held),
            address=held.person,
            turn_id=turn_id_of(person.conversation, f"{held.channel} {incoming.update_id}"),
            resent=held.attempts > 0,
        )
        command = _command(incoming)
        if command in _INTENTS:
            turn.command = Command(label=message(f"commands.{command}"), intent=_INTENTS[command])
        elif command == "xoa":
            turn.text = messages("erase_commands")[0]
        elif (picked := await self._picked(incoming, person.conversation)) is not None:
            turn.choice, turn.text = (picked, "") if is_choice_id(picked) else (None, picked)
        elif incoming.kind == "press":
            turn.choice = incoming.value
        else:
            turn.text = incoming.value
        return turn

    async def _picked(self, incoming: Incoming, conversation: str) -> str | None:
        """Payload of the button that was pressed, or that a typed number picks, among those of the
        last answer, or of the notice where there is none yet; None for any other message."""
        typed = incoming.value.strip()
        number = int(typed) if re.fullmatch(r"[0-9]{1,2}", typed) else 0
        if not number and (incoming.kind != "press" or is_choice_id(typed)):
            return None
        last = await self._store.run(self._store.history, conversation, 1)
        blocks, suggestions = (last[0].blocks, last[0].suggestions) if last else ([], [])
        offered = document(blocks, suggestions or _suggestions(), numbered=False).buttons
        if number:
            return offered[number - 1].payload if number <= len(offered) else None
        return typed if typed in (button.payload for button in offered) else None


def _links(incoming: Incoming) -> bool:
    first = incoming.value.strip().partition(" ")[0].lower()
    return incoming.kind == "text" and first in (_LINK, _UNLINK)


def _trouble(problem: Problem) -> NoticeBlock:
    return NoticeBlock(text=problem.detail, level="warning")


def _command(incoming: Incoming) -> str:
    return incoming.value if incoming.kind == "command" else ""


def _suggestions() -> Sequence[PublicOption]:
    return [PublicOption(label=label) for label in messages("suggestions")[:_OFFERED]]
