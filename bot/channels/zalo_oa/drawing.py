"""Zalo OA's messages: plain text of at most 2,000 characters, up to five buttons under the last
one, choices as lists of up to five."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.channels.rendering.blocks import document
from bot.channels.rendering.document import Button, plain, plain_text
from bot.channels.rendering.splitting import split
from bot.messages import message
from bot.replies import PublicBlock, PublicOption, is_choice_id

LIMIT = 2000
BUTTONS = 5
ELEMENTS = 5
TITLE = 100
SUBTITLE = 500
MARK = "#"
"""Begins the payload of our buttons: Zalo sends it back as if the person had typed it."""


def draw(
    blocks: Sequence[PublicBlock], suggestions: Sequence[PublicOption]
) -> list[dict[str, Any]]:
    """Messages as Zalo's ``message`` object."""
    drawn = document(blocks, suggestions, numbered=False)
    parts = split(drawn.paragraphs, LIMIT, plain)
    messages: list[dict[str, Any]] = [{"text": plain_text(part)} for part in parts]
    messages += map(_list, _fives(drawn.choices))
    for place, buttons in enumerate(_fives(drawn.suggestions)):
        if place or drawn.choices:
            messages.append({"text": message("channels.more_buttons")})
        messages[-1]["attachment"] = _template(buttons=[_button(button) for button in buttons])
    return messages


def _fives(buttons: Sequence[Button]) -> Iterator[Sequence[Button]]:
    for start in range(0, len(buttons), BUTTONS):
        yield buttons[start : start + BUTTONS]


def _template(**payload: Any) -> dict[str, Any]:
    return {"type": "template", "payload": payload}


def _action(button: Button) -> dict[str, str]:
    """An option's opaque id is sent unseen; words are sent as the person's own."""
    if is_choice_id(button.payload):
        return {"type": "oa.query.hide", "payload": MARK + button.payload}
    return {"type": "oa.query.show", "payload": button.payload}


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _button(button: Button) -> dict[str, str]:
    return {"title": _short(button.label, TITLE)} | _action(button)


def _list(choices: Sequence[Button]) -> dict[str, Any]:
    """A list message. A label that a title cannot hold stands whole in the subtitle, which the
    first element must have."""
    elements: list[dict[str, Any]] = []
    for button in choices:
        whole = [button.label] if len(button.label) > TITLE else []
        subtitle = " · ".join([*whole, *filter(None, [button.detail])])
        element: dict[str, Any] = {
            "title": _short(button.label, TITLE),
            "default_action": _action(button),
        }
        if subtitle or not elements:
            element["subtitle"] = _short(subtitle or message("channels.choose"), SUBTITLE)
        elements.append(element)
    return {"attachment": _template(template_type="list", elements=elements)}
