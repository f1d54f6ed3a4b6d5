"""What an action gives back."""

from dataclasses import dataclass, field
from typing import Any

from knowledge.blocks import Answer


@dataclass
class Reply:
    """An answer and the slots to set with it. ``then``: the form to open after it;
    ``closes_form``: the form that is open is given up."""

    answer: Answer
    slots: dict[str, Any] = field(default_factory=dict)
    then: str | None = None
    closes_form: bool = False
