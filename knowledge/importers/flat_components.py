"""The run-together table of dossier components (thành phần hồ sơ).

Grammar, with no separator between cells::

    table     = ("--" | case name) header row* [case name header row*]...
    row       = component name [form file]... quantity
    quantity  = digit " bản chính" ["," number " bản sao"]

The quantity ends a row: one digit glued to what stands before it, and the next name glued to it.
What stands between the last quantity and the next header names the next case. Form files are told
by their extension; where a file's name starts is told by a capital (or a form's word) glued to the
end of the component's name. A row whose file cannot be told apart keeps it in its name.
"""

import re

from knowledge.importers.pieces import Cover, Piece
from knowledge.records import Case, Component

HEADER = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
UNSPLIT = "component_with_form"
NO_CASE = "--"
_QUANTITY = re.compile(r"(?P<run>\d+) bản chính(?:,(?P<copies>\d+) bản sao)?")
_FILE = re.compile(
    r"\.(?:docx?|pdf|xlsx?|rar|zip|jpe?g|png|pptx?|rtf)(?=\Z|[^\s.,;)])", re.IGNORECASE
)
_FORM_WORD = re.compile(
    r"m[ẫa]u|mus?\d|ms\d|ph[ụu] ?l[ụu]c|phl|pl|bi[ểe]u|đơn|don|t[ờo] khai|tk|gi[ấa]y"
    r"|form|v[ăa]n b[ảa]n",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d+[.-]")
_ENDS_NAME = frozenset(';,)]”"’…%')
_LONGEST_FILE = 130


def parse_components(text: str) -> tuple[list[Case], list[Piece]]:
    """Cases with their components, and the pieces of the whole text."""
    cover = Cover(text)
    headers = [match.span() for match in re.finditer(re.escape(HEADER), text)]
    if not headers:
        if text.strip() == NO_CASE:
            cover.add("mark", 0, len(text))
        return [], cover.whole()
    cases: list[Case] = []
    name = _case_name(cover, 0, headers[0][0])
    for place, (start, end) in enumerate(headers):
        cover.add("header", start, end)
        last = place + 1 == len(headers)
        until = len(text) if last else headers[place + 1][0]
        components, reached = _rows(cover, end, until)
        cases.append(Case(name=name, components=components))
        name = "" if last else _case_name(cover, reached, until)
    return cases, cover.whole()


def _case_name(cover: Cover, start: int, end: int) -> str:
    if cover.text[start:end].strip() == NO_CASE:
        cover.add("mark", start, end)
        return ""
    return cover.add("case", start, end)


def _rows(cover: Cover, start: int, end: int) -> tuple[list[Component], int]:
    components = []
    for quantity in _QUANTITY.finditer(cover.text, start, end):
        at = quantity.end("run") - 1
        if not _ends_row(cover.text, quantity, end):
            continue
        if not cover.text[start:at].strip():
            start = quantity.end()
            continue
        name, forms = _name_and_forms(cover, start, at)
        cover.add("quantity", at, quantity.end())
        components.append(
            Component(
                name=name,
                originals=int(cover.text[at]),
                copies=int(quantity.group("copies") or 0),
                form_name="; ".join(forms),
            )
        )
        start = quantity.end()
    return components, start


def _ends_row(text: str, quantity: re.Match[str], end: int) -> bool:
    """Whether the words are a quantity cell: one digit glued to a name, not " 01 bản chính"."""
    run, before = quantity.group("run"), text[quantity.start() - 1 : quantity.start()]
    after = text[quantity.end() : quantity.end() + 1] if quantity.end() < end else ""
    next_glued = not after.isspace() and after not in tuple(".,;:)")
    if len(run) > 1:
        return next_glued and not (len(run) == 2 and run[0] == "0") and before != "("
    return before != "(" and (next_glued or before != " ")


def _name_and_forms(cover: Cover, start: int, end: int) -> tuple[str, list[str]]:
    text = cover.text
    ends = [match.end() for match in _FILE.finditer(text, start, end)]
    if not ends or text[ends[-1] : end].strip():
        return cover.add("component", start, end), []
    first = _file_start(text, start, ends[0])
    if first is None:
        return cover.add(UNSPLIT, start, end), []
    name = cover.add("component", start, first)
    bounds = zip([first, *ends], ends, strict=False)
    return name, [cover.add("form", *bound) for bound in bounds]


def _file_start(text: str, start: int, end: int) -> int | None:
    """Where the first form file's name starts, or None where that cannot be told.

    The first glued capital or digit after an end of words ("định|Mẫu", ").|01"), or a form's word
    glued to anything before that in the same word ("BNNMT|PhlcII"); else the first form's word
    ("2026|Mau"), else a number glued to a word ("nuôi|1.don").
    """
    places = [p for p in range(max(start + 1, end - _LONGEST_FILE), end) if _glued(text, p)]
    capital = next((p for p in places if _starts_after_words(text, p)), None)
    form = next((p for p in places if _starts_with_form_word(text, p)), None)
    if capital is not None and form is not None and form < capital:
        return capital if any(char.isspace() for char in text[form:capital]) else form
    if capital is not None or form is not None:
        return form if capital is None else capital
    return next((p for p in places if _starts_with_number(text, p)), None)


def _glued(text: str, place: int) -> bool:
    return not text[place - 1].isspace() and not text[place].isspace()


def _starts_after_words(text: str, place: int) -> bool:
    before, here = text[place - 1], text[place]
    if before == ".":
        before = text[place - 2]
        return (here.isupper() or here.isdigit()) and (before.islower() or before in _ENDS_NAME)
    if before.islower():
        return here.isupper() and not (before == "e" and text.startswith("ID", place))
    if before == ",":
        return here.isupper()
    return before in _ENDS_NAME and (here.isupper() or here.isdigit())


def _starts_with_form_word(text: str, place: int) -> bool:
    return text[place - 1] not in "(“/-_" and _FORM_WORD.match(text, place) is not None


def _starts_with_number(text: str, place: int) -> bool:
    return text[place - 1].islower() and _NUMBERED.match(text, place) is not None
