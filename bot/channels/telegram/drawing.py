"""Telegram's messages: HTML of at most 4,096 characters, folded parts as quotes that open,
buttons under the last one."""

from collections.abc import Sequence
from html import escape
from typing import Any

from bot.channels.rendering.blocks import document
from bot.channels.rendering.document import Button, Paragraph, Span, gap
from bot.channels.rendering.splitting import split
from bot.replies import PublicBlock, PublicOption

LIMIT = 4096
"""UTF-16 units of a message once its marks are read."""
CALLBACK_BYTES = 64
LABEL = 60
"""Characters of a button; the whole label stands in the text with the same number."""


def draw(
    blocks: Sequence[PublicBlock], suggestions: Sequence[PublicOption]
) -> list[dict[str, Any]]:
    """Messages as ``html`` and, on the last one, ``buttons`` as (label, payload)."""
    numbered = _long(suggestions) or any(block.type == "choices" for block in blocks)
    drawn = document(blocks, suggestions, numbered=numbered)
    parts = split(drawn.paragraphs, LIMIT, _shown)
    messages: list[dict[str, Any]] = [{"html": _html(part)} for part in parts]
    buttons = [
        (_label(number if numbered else None, button), button.payload)
        for number, button in enumerate(drawn.buttons, 1)
        if len(button.payload.encode()) <= CALLBACK_BYTES
    ]
    if buttons:
        messages[-1]["buttons"] = buttons
    return messages


def _long(suggestions: Sequence[PublicOption]) -> bool:
    """Whether a suggestion's button cannot say, or send, all of it."""
    return any(
        len(option.label) > LABEL or len((option.id or option.label).encode()) > CALLBACK_BYTES
        for option in suggestions
    )


def _label(number: int | None, button: Button) -> str:
    label = button.label if number is None else f"{number}. {button.label}"
    return label if len(label) <= LABEL else label[: LABEL - 1].rstrip() + "…"


def _shown(line: Sequence[Span]) -> str:
    return "".join(span.text for span in line)


def _span(span: Span) -> str:
    text = escape(span.text, quote=False)
    text = f'<a href="{escape(span.url)}">{text}</a>' if span.url else text
    return f"<b>{text}</b>" if span.bold and span.text.strip() else text


def _html(part: Sequence[Paragraph]) -> str:
    """Marks are opened and closed within the part; neighbouring folded paragraphs are one quote."""
    html, folded = "", False
    for before, paragraph in zip([None, *part], part, strict=False):
        if folded and not paragraph.folded:
            html += "</blockquote>"
        html += gap(before, paragraph) if before and folded == paragraph.folded else ""
        html += "\n" if before and folded != paragraph.folded else ""
        if paragraph.folded and not folded:
            html += "<blockquote expandable>"
        folded = paragraph.folded
        html += "\n".join("".join(map(_span, line)) for line in paragraph.lines)
    return html + ("</blockquote>" if folded else "")
