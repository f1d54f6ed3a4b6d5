"""Entities by rule: sections, codes, levels, ordinals and others, found on folded tokens.

spaCy's EntityRuler matches the phrases of ``nlu/data/entities.yml``; of overlapping matches the
longest wins, so a phrase under ``ignored`` keeps words of a procedure's name from being read as a
question ("le phi truoc ba").
"""

from pathlib import Path
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.training_data.message import Message
from spacy.pipeline import EntityRuler
from spacy.tokens import Doc

from nlu.codes import written_form
from nlu.phrases import Phrase, read_fields, read_phrases

PHRASES = Path(__file__).parent / "data" / "entities.yml"
FIELDS = Path(__file__).parents[1] / "knowledge" / "everyday" / "fields.yml"
_IGNORED = "ignored"
_FROM_TEXT = frozenset({"dossier_code", "procedure_code"})


def _pattern(nlp: spacy.language.Language, phrase: Phrase) -> dict[str, Any]:
    label = phrase.entity
    if phrase.is_plain:
        return {"label": label, "id": phrase.value, "pattern": " ".join(phrase.tokens)}
    tokens = [
        {"TEXT": {"REGEX": f"^(?:{token[1:-1]})$"}} if token.startswith("/") else {"TEXT": token}
        for token in phrase.tokens
    ]
    return {"label": label, "id": phrase.value, "pattern": tokens}


class EntityFinder:
    """Finds entities in folded tokens; loaded once, used for every message."""

    def __init__(self, path: Path = PHRASES) -> None:
        nlp = spacy.blank("vi", config={"nlp": {"tokenizer": {"use_pyvi": False}}})
        nlp.tokenizer = lambda text: Doc(nlp.vocab, words=text.split())
        self._vocab = nlp.vocab
        self._ruler = EntityRuler(nlp)
        phrases = [*read_phrases(path), *read_fields(FIELDS)]
        self._ruler.add_patterns([_pattern(nlp, phrase) for phrase in phrases])

    def find(self, words: list[str]) -> list[tuple[str, str, int, int]]:
        """``(entity, value, first, after last)`` in order; positions are indexes into ``words``."""
        doc = self._ruler(Doc(self._vocab, words=["^", *words, "$"]))
        found = []
        for span in doc.ents:
            if span.label_ == _IGNORED:
                continue
            first, last = max(span.start - 1, 0), min(span.end - 1, len(words))
            value = span.ent_id_
            if span.label_ in _FROM_TEXT:
                value = written_form(words[first:last])
            found.append((span.label_, value, first, last))
        return found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class RuledEntities(GraphComponent, EntityExtractorMixin):
    """Adds what :class:`EntityFinder` finds to each message."""

    def __init__(self) -> None:
        self._finder = EntityFinder()

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "RuledEntities":
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            tokens = message.get("text_tokens") or []
            entities = [
                {
                    "entity": entity,
                    "value": value,
                    "start": tokens[first].start,
                    "end": tokens[last - 1].end,
                    "extractor": type(self).__name__,
                }
                for entity, value, first, last in self._finder.find([t.text for t in tokens])
            ]
            message.set("entities", message.get("entities", []) + entities, add_to_output=True)
        return messages
