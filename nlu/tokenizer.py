"""Tokens of a message, folded: what is typed with diacritics, without, or with the keys of Telex
left in, becomes the same."""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from knowledge.text.folding import tokens
from knowledge.text.syllables import without_telex


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class FoldingTokenizer(Tokenizer):
    """Splits at everything but letters and digits, folds, and keeps offsets into the message.

    A message without a word (emoji only) becomes one empty-looking token ``_`` over all of it,
    because featurizers and classifier want at least one.
    """

    @staticmethod
    def get_default_config() -> dict[str, object]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        text = message.get(attribute)
        found = [Token(without_telex(word), start, end) for word, start, end in tokens(text)]
        return found or [Token("_", 0, len(text))]
