"""Zalo Bot's messages: plain text of at most 2,000 characters. There are no buttons: a typed
number takes what stands beside it."""

from collections.abc import Sequence
from typing import Any

from bot.channels.rendering.blocks import document
from bot.channels.rendering.document import Paragraph, Span, plain, plain_text
from bot.channels.rendering.splitting import split
from bot.messages import message
from bot.replies import PublicBlock, PublicOption

LIMIT = 2000


def draw(
    blocks: Sequence[PublicBlock], suggestions: Sequence[PublicOption]
) -> list[dict[str, Any]]:
    """Messages as ``text``."""
    drawn = document(blocks, suggestions, numbered=True)
    if drawn.buttons:
        drawn.paragraphs.append(Paragraph(((Span(message("channels.type_a_number")),),)))
    return [{"text": plain_text(part)} for part in split(drawn.paragraphs, LIMIT, plain)]
