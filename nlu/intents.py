"""The intent of a message, by how it is worded (``nlu/wording.py``); docs/decisions/0008."""

from typing import Any

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.wording import Wording

_FILE = "wording.joblib"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class WordedIntent(GraphComponent, IntentClassifier):
    """Sets ``intent`` and ``intent_ranking`` from :class:`Wording`."""

    def __init__(self, storage: ModelStorage, resource: Resource, wording: Wording) -> None:
        self._storage = storage
        self._resource = resource
        self._wording = wording

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "WordedIntent":
        return cls(model_storage, resource, Wording())

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "WordedIntent":
        """Reads a file that only :meth:`train` writes, inside the model this app has trained."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, joblib.load(folder / _FILE))

    def train(self, training_data: TrainingData) -> Resource:
        examples = [(e.get(TEXT), e.get(INTENT)) for e in training_data.intent_examples]
        texts, intents = zip(*examples, strict=True)
        self._wording.fit(list(texts), list(intents))
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._wording, folder / _FILE)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """The ranking is best first."""
        shares = self._wording.confidences(message.get(TEXT) for message in messages)
        for message, row in zip(messages, shares, strict=True):
            ranked = sorted(zip(self._wording.intents, row, strict=True), key=lambda pair: -pair[1])
            ranking = [{"name": name, "confidence": float(share)} for name, share in ranked]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages
