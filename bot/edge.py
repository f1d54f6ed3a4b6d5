"""What comes in is cleaned here, once: the text a person typed and the address they come from."""

import ipaddress
import re
import unicodedata

MAX_LENGTH = 1000
"""Longest message, in characters after cleaning."""

_LINE_BREAKS = "\n\r\v\f\x85\u2028\u2029"
_INVISIBLE = (
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0000, 0xE1000))
)
"""Characters that show nothing though Unicode does not call them controls or formats."""


class TextTooLong(Exception):
    """The cleaned message has ``length`` characters, more than MAX_LENGTH."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length


def _kept(char: str) -> str:
    if char in _LINE_BREAKS:
        return "\n"
    if char == "\t" or unicodedata.category(char) == "Zs":
        return " "
    # Cc controls, Cf formats (bidi, zero-width, tags), Cs surrogates, Co private, Cn unassigned
    if unicodedata.category(char)[0] == "C" or ord(char) in _INVISIBLE:
        return ""
    return char


def clean(text: str) -> str:
    """``text`` in NFC without invisible characters, white space tidied, no leading slash.

    A leading slash would be an intent to the engine; people may not call those. Raises
    TextTooLong. Cleaning a cleaned text changes nothing.
    """
    if text.isascii() and text.isprintable():
        visible = text
    else:
        visible = unicodedata.normalize("NFC", "".join(map(_kept, text)))
    lines = (" ".join(line.split(" ")).strip() for line in visible.split("\n"))
    tidy = re.sub(r" {2,}", " ", "\n".join(lines))
    tidy = re.sub(r"\n{3,}", "\n\n", tidy).lstrip("/ \n").rstrip()
    if len(tidy) > MAX_LENGTH:
        raise TextTooLong(len(tidy))
    return tidy


def readable(text: str) -> bool:
    """Whether ``text`` holds a letter or a digit, so that there is something to understand."""
    return any(char.isalnum() for char in text)


def network_of(address: str) -> str:
    """The key under which requests of ``address`` are counted: IPv6 by its /64, else itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
