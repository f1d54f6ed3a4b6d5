"""Rasa custom actions: each reads the turn, lets ``answering`` reply, and sets the slots."""

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import answering
from actions.context import Context, current
from actions.dossiers import dossier_reply
from actions.reply import Reply
from actions.turn import Turn, read_turn
from connectors.codes import read_codes

Events = list[dict[str, Any]]


def _run(
    reply_to: Callable[[Turn, Context], Reply], dispatcher: CollectingDispatcher, tracker: Tracker
) -> Events:
    return _say(reply_to(read_turn(tracker), current()), dispatcher)


def _say(reply: Reply, dispatcher: CollectingDispatcher) -> Events:
    dispatcher.utter_message(json_message=reply.answer.model_dump(mode="json"))
    return [SlotSet(name, value) for name, value in reply.slots.items()]


class ActionAnswer(Action):
    def name(self) -> str:
        return "action_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        return _run(answering.answer_turn, dispatcher, tracker)


class ActionChoose(Action):
    def name(self) -> str:
        return "action_choose"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        return _run(answering.choose_turn, dispatcher, tracker)


class ActionDossierStatus(Action):
    def name(self) -> str:
        return "action_dossier_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        turn = read_turn(tracker)
        typed = turn.text or " ".join(turn.dossier_codes)
        return _say(await dossier_reply(read_codes(typed), current()), dispatcher)


class ActionDefaultFallback(Action):
    def name(self) -> str:
        return "action_default_fallback"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        return _run(answering.fallback_turn, dispatcher, tracker)
