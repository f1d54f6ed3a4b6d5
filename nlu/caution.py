"""The last word on the intent: what is certain decides, what is doubtful goes to search.

A wrong "that is not for me" costs a person the answer, a wrong question costs nothing: search
decides itself whether it knows a procedure. So an intent counts only when the classifier trusts
it enough, and words that ask for a section make the message a question unless it is very sure;
a wish about the form of an answer makes it one in any case.
"""

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.training_data.message import Message

_ABOUT_PROCEDURES = frozenset({"ask", "choose", "dossier_status"})
_OF_A_LIST = frozenset({"field", "filter", "level"})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class CautiousIntent(FallbackClassifier):
    """Rasa's FallbackClassifier with a threshold for each intent, overruled by certain entities.

    ``thresholds`` maps intents to the confidence they need, ``threshold`` is for all others;
    ``against_section`` is what small talk needs against words that ask for a section.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**FallbackClassifier.get_default_config(), "thresholds": {}, "against_section": 0.9}

    def process(self, messages: list[Message]) -> list[Message]:
        """Settle each message's intent by its entities, else by confidence."""
        for message in messages:
            certain = self._certain_intent(message)
            if certain:
                message.set("intent", {"name": certain, "confidence": 1.0}, add_to_output=True)
            else:
                super().process([message])
        return messages

    def _certain_intent(self, message: Message) -> str | None:
        found = {entity["entity"] for entity in message.get("entities", [])}
        if "dossier_code" in found:
            return "dossier_status"
        if "procedure_code" in found:
            return "ask"
        intent = message.get("intent")
        if intent["name"] == "browse" and found & _OF_A_LIST:
            return None
        if intent["name"] in _ABOUT_PROCEDURES:
            return None
        unsure = intent["confidence"] < self.component_config["against_section"]
        return "ask" if "wish" in found or ("section" in found and unsure) else None

    def _nlu_confidence_below_threshold(self, message: Message) -> tuple[bool, float]:
        intent = message.get("intent")
        needed = self.component_config["thresholds"].get(
            intent["name"], self.component_config["threshold"]
        )
        return intent["confidence"] < needed, intent["confidence"]
