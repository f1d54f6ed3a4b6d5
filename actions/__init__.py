"""Rasa custom actions: each reads the turn, lets a function reply, and sets the slots."""

from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import answering, browsing, communes, talk
from actions.context import Context, current
from actions.dossiers import ask_code, ask_digits, digits_turn, dossier_turn
from actions.forms import commune_slots, digits_slots, dossier_codes, dossier_slots
from actions.memory import remembered
from actions.officials import internal_reply
from actions.reply import Reply
from actions.rules import with_process
from actions.turn import Turn, read_turn

Events = list[dict[str, Any]]


class ReplyingAction(Action, ABC):
    """Says one answer and remembers what it leaves behind."""

    @abstractmethod
    async def reply(self, turn: Turn, context: Context) -> Reply:
        """What is said to ``turn``."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        turn, context = read_turn(tracker), current()
        reply = await internal_reply(turn, context) or await self.reply(turn, context)
        reply = with_process(reply, turn, context)
        dispatcher.utter_message(json_message=reply.answer.model_dump(mode="json"))
        events = [SlotSet(name, value) for name, value in remembered(turn, reply).items()]
        if reply.closes_form and turn.open_form:
            events += [ActiveLoop(None), SlotSet("requested_slot", None)]
        return [*events, FollowupAction(reply.then)] if reply.then else events


class ActionAnswer(ReplyingAction):
    def name(self) -> str:
        return "action_answer"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return answering.answer_turn(turn, context)


class ActionChoose(ReplyingAction):
    def name(self) -> str:
        return "action_choose"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return answering.choose_turn(turn, context)


class ActionBrowse(ReplyingAction):
    def name(self) -> str:
        return "action_browse"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return browsing.browse_turn(turn, context)


class ActionBack(ReplyingAction):
    def name(self) -> str:
        return "action_back"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return talk.back_turn(turn, context)


class ActionStartOver(ReplyingAction):
    def name(self) -> str:
        return "action_start_over"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return talk.start_over_turn(turn, context)


class ActionCancel(ReplyingAction):
    def name(self) -> str:
        return "action_cancel"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return talk.cancel_turn(turn, context)


class ActionHuman(ReplyingAction):
    def name(self) -> str:
        return "action_human"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return talk.human_turn(turn, context)


class ActionDefaultFallback(ReplyingAction):
    def name(self) -> str:
        return "action_default_fallback"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return answering.fallback_turn(turn, context)


class ActionAskDossierCode(ReplyingAction):
    def name(self) -> str:
        return "action_ask_dossier_code"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return ask_code(turn)


class ActionDossierStatus(ReplyingAction):
    def name(self) -> str:
        return "action_dossier_status"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return await dossier_turn(dossier_codes(turn, turn.dossier_in_form), context)


class ActionAskDossierDigits(ReplyingAction):
    def name(self) -> str:
        return "action_ask_dossier_digits"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return ask_digits(turn)


class ActionDossierDigits(ReplyingAction):
    def name(self) -> str:
        return "action_dossier_digits"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return await digits_turn(turn, context)


class ActionAskCommune(ReplyingAction):
    def name(self) -> str:
        return "action_ask_commune"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return communes.ask_commune(turn)


class ActionCommune(ReplyingAction):
    def name(self) -> str:
        return "action_commune"

    async def reply(self, turn: Turn, context: Context) -> Reply:
        return communes.commune_turn(turn, context)


class ValidateDossierForm(Action):
    def name(self) -> str:
        return "validate_dossier_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        return [SlotSet(*slot) for slot in dossier_slots(read_turn(tracker)).items()]


class ValidateDigitsForm(Action):
    def name(self) -> str:
        return "validate_digits_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        return [SlotSet(*slot) for slot in digits_slots(read_turn(tracker)).items()]


class ValidateCommuneForm(Action):
    def name(self) -> str:
        return "validate_commune_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        return [SlotSet(*slot) for slot in commune_slots(read_turn(tracker)).items()]
