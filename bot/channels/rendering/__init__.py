"""One interface from answer blocks to a channel's messages.

``blocks.document`` draws an answer, the same for every channel; ``splitting.split`` cuts it into
parts; a channel's ``drawing`` module writes the parts in its own marks and hangs the buttons on.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from bot.replies import PublicBlock, PublicOption


class Draw(Protocol):
    """What a channel's ``drawing.draw`` is."""

    def __call__(
        self, blocks: Sequence[PublicBlock], suggestions: Sequence[PublicOption]
    ) -> list[dict[str, Any]]:
        """Messages of the channel, in order, as plain JSON without the addressee."""
        ...
