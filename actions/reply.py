"""What an action gives back."""

from dataclasses import dataclass, field
from typing import Any

from knowledge.blocks import Answer


@dataclass
class Reply:
    """An answer and the slots to set with it."""

    answer: Answer
    slots: dict[str, Any] = field(default_factory=dict)
