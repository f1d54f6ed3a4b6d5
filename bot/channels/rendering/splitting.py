"""Cuts a document into parts that a channel's messages can hold, and loses nothing.

Cut is between paragraphs; a paragraph that is too long for one message between its lines; a line
that is too long between its words; a word that is too long anywhere.
"""

from collections.abc import Callable, Iterator, Sequence

from bot.channels.rendering.document import Line, Paragraph, Span

Part = list[Paragraph]
_GAP = 2
"""Characters between two paragraphs of a part."""


def utf16(text: str) -> int:
    """Length as messengers count it."""
    return len(text.encode("utf-16-le")) // 2


def split(
    paragraphs: Sequence[Paragraph], limit: int, text: Callable[[Sequence[Span]], str]
) -> list[Part]:
    """Parts of at most ``limit`` UTF-16 units; ``text`` is how a channel shows a line, which
    together with line breaks makes its length."""
    parts: list[Part] = []
    room = 0
    for paragraph in _pieces(paragraphs, limit, text):
        size = _size(paragraph, text)
        if parts and size + _GAP <= room:
            parts[-1].append(paragraph)
            room -= size + _GAP
            continue
        carried = [parts[-1].pop()] if parts and _dangles(parts[-1], size, limit, text) else []
        parts.append([*carried, paragraph])
        room = limit - sum(_size(piece, text) + _GAP for piece in parts[-1]) + _GAP
    return parts


def _dangles(part: Part, size: int, limit: int, text: Callable[[Sequence[Span]], str]) -> bool:
    """Whether the part ends with a title that goes with the next paragraph."""
    return len(part) > 1 and part[-1].heads and _size(part[-1], text) + _GAP + size <= limit


def _size(paragraph: Paragraph, text: Callable[[Sequence[Span]], str]) -> int:
    return sum(utf16(text(line)) + 1 for line in paragraph.lines) - 1


def _pieces(
    paragraphs: Sequence[Paragraph], limit: int, text: Callable[[Sequence[Span]], str]
) -> Iterator[Paragraph]:
    for paragraph in paragraphs:
        if _size(paragraph, text) <= limit:
            yield paragraph
            continue
        held: list[Line] = []
        for line in (cut for whole in paragraph.lines for cut in _cut(whole, limit, text)):
            if held and _size(Paragraph((*held, line)), text) > limit:
                yield Paragraph(tuple(held), paragraph.folded)
                held = []
            held.append(line)
        yield Paragraph(tuple(held), paragraph.folded)


def _cut(line: Line, limit: int, text: Callable[[Sequence[Span]], str]) -> Iterator[Line]:
    """``line`` in lines that fit; a link is cut only where a message could not hold it."""
    held: list[Span] = []
    for span in line:
        whole = span.url and utf16(text([span])) <= limit
        for piece in [span] if whole else _words(span, limit):
            if held and utf16(text([*held, piece])) > limit:
                yield tuple(held)
                held = []
            held.append(piece)
    if held:
        yield tuple(held)


def _words(span: Span, limit: int) -> Iterator[Span]:
    """``span`` in pieces of at most half a message, cut behind spaces where there are any."""
    rest, most = span.text, limit // 2
    while utf16(rest) > most:
        end = len(rest.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore"))
        end = rest.rfind(" ", 1, end) + 1 or end
        yield Span(rest[:end], span.bold)
        rest = rest[end:]
    if rest:
        yield Span(rest, span.bold)
    if span.url:
        yield Span(f" ({span.url})")
