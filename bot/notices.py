"""Where a person can turn to, and the first notice of a conversation."""

from bot.messages import message
from bot.settings import Settings
from knowledge.blocks import Block, ContactBlock


class FirstNotice(Block):
    """What first contact says, a line a thought, and contact lines as (label, value)."""

    text: str
    lines: list[tuple[str, str]]


def contact_lines(settings: Settings, base_url: str = "") -> list[tuple[str, str]]:
    """Contact as (label, value), values may be links; with ``base_url`` also our own search."""
    lines = []
    if settings.hotline:
        lines.append((message("contact.hotline"), settings.hotline))
    lines.append((message("contact.office"), settings.office or message("contact.office_unset")))
    lines.append((message("contact.portal"), message("contact.portal_url")))
    if base_url:
        lines.append((message("contact.search"), f"{base_url.rstrip('/')}/chat/search"))
    return lines


def contact_block(settings: Settings, base_url: str = "") -> ContactBlock:
    """The same as a block of an answer."""
    return ContactBlock(text=message("contact.title"), lines=contact_lines(settings, base_url))


def first_notice(settings: Settings) -> FirstNotice:
    """AI, guidance, who runs it, what is kept, what not to send, how to erase, whom to ask."""
    runs = (
        message("notice.operator", operator=settings.operator)
        if settings.operator
        else message("notice.operator_unset")
    )
    parts = [
        message("notice.text"),
        runs,
        message("notice.kept", days=settings.retention_days),
        message("notice.careful"),
        message("notice.erase"),
        message("notice.officer"),
    ]
    return FirstNotice(text="\n".join(parts), lines=contact_lines(settings))
