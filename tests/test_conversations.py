"""Every conversation of ``tests/conversations`` through the real engine and app."""

import pytest
from assistant_fixture import Assistant
from conversations import Conversation, conversations, play

ALL = conversations()


@pytest.mark.parametrize("conversation", ALL, ids=str)
def test_conversation(assistant: Assistant, conversation: Conversation) -> None:
    differences = list(play(conversation, assistant.talk()))
    assert not differences, "\n" + "\n".join(differences)


def test_there_are_enough_of_every_kind() -> None:
    assert len(ALL) >= 120
    assert sum(conversation.noise is not None for conversation in ALL) >= len(ALL) / 3
    assert sum(len(conversation.turns) > 6 for conversation in ALL) >= 30
    assert len({conversation.name for conversation in ALL}) == len(ALL)
