"""A drawn answer before it becomes messages: paragraphs of lines of spans, the same for every
channel. What differs between channels, marks and lengths, comes after."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Span:
    """A run of text. ``url``: it links there, where a channel has links."""

    text: str
    bold: bool = False
    url: str = ""


Line = tuple[Span, ...]


@dataclass(frozen=True)
class Paragraph:
    """Lines that are kept in one message where they fit. ``folded``: a channel may show it closed.
    ``heads``: it is a title, which does not end a message. ``tight``: no blank line before it."""

    lines: tuple[Line, ...]
    folded: bool = False
    heads: bool = False
    tight: bool = False


@dataclass(frozen=True)
class Button:
    """``payload``: an option's opaque id, or the words that a press says."""

    label: str
    payload: str
    detail: str = ""


@dataclass
class Document:
    """``choices``: a decision asked of the person; ``suggestions``: what they may ask next."""

    paragraphs: list[Paragraph] = field(default_factory=list)
    choices: list[Button] = field(default_factory=list)
    suggestions: list[Button] = field(default_factory=list)

    @property
    def buttons(self) -> list[Button]:
        """Every button, in the order in which a typed number picks them."""
        return self.choices + self.suggestions


def plain(line: Sequence[Span]) -> str:
    """A line without marks; an address that is not its own text follows in brackets."""
    return "".join(
        f"{span.text} ({span.url})" if span.url and span.url != span.text else span.text
        for span in line
    )


def gap(before: Paragraph, after: Paragraph) -> str:
    """What stands between two paragraphs of a message."""
    return "\n" if before.heads or after.tight else "\n\n"


def plain_text(paragraphs: Sequence[Paragraph]) -> str:
    """Paragraphs as text without marks."""
    text = ""
    for before, paragraph in zip([None, *paragraphs], paragraphs, strict=False):
        text += gap(before, paragraph) if before else ""
        text += "\n".join(plain(line) for line in paragraph.lines)
    return text
