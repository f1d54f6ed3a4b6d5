"""Draw a reply in the terminal."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Block = dict[str, Any]
_MARKED = "▸"
_MARKS = {"done": "●", "now": "▶", "todo": "○"}


def draw(reply: dict[str, Any], console: Console) -> list[str]:
    """Print the blocks of a reply (or a problem's detail); returns the ids of numbered options."""
    if "blocks" not in reply:
        console.print(reply.get("detail", ""), markup=False)
        return []
    options: list[str] = []
    for block in reply["blocks"]:
        _draw_block(block, console, options)
    for option in reply["suggestions"]:
        if option["id"]:
            options.append(option["id"])
            console.print(f"  [{len(options)}] {option['label']}", markup=False, style="cyan")
    return options


def _draw_block(block: Block, console: Console, options: list[str]) -> None:
    title = block.get("name") or block.get("title") or block.get("address") or block.get("status")
    if title:
        mark = f"{_MARKED} " if block.get("marked") else ""
        console.print(Text(mark + title, style="bold"))
    for line in _lines(block):
        console.print(Padding(Text(line), (0, 0, 0, 2)))
    if block["type"] == "figures":
        console.print(_figures(block))
    if block["type"] == "fee_table":
        console.print(_fee_table(block))
    for option in block.get("options", ()):
        options.append(option["id"])
        console.print(f"  [{len(options)}] {option['label']}", markup=False, style="cyan")
    source = block.get("source")
    if source:
        parts = (source["code"], source["decision"], source["origin"], source["date"])
        console.print(Text(" · ".join(filter(None, parts)), style="dim"))


def _lines(block: Block) -> Iterable[str]:
    """The texts of a block, a line each, in order."""
    if block.get("lead"):
        yield block["lead"]
    if block.get("text"):
        yield block["text"]
    for label, value in block.get("facts") or block.get("lines") or block.get("items") or ():
        yield f"{label}: {value}" if value else label
    if block.get("warning"):
        yield block["warning"]
    if block["type"] == "rule_article":
        yield from filter(None, (*block["notes"], block["document"], block["force"], block["url"]))
    if block["type"] == "dossier":
        yield from _dossier(block)
    for number, step in enumerate(block.get("steps", ()), 1):
        yield f"{number}. {step['name']} {step['text']}".replace("  ", " ")
    for case in block.get("cases", ()):
        if case["name"]:
            yield case["name"]
        for row in case["rows"]:
            yield _component(row)
    yield from block.get("extra", ())


def _dossier(block: Block) -> Iterable[str]:
    yield " · ".join(filter(None, (block["code"], block["procedure"], block["agency"])))
    yield block["meaning"]
    if block["due"]:
        yield block["due"]
    yield from (f"- {step}" for step in block["next_steps"])
    for row in block["timeline"]:
        yield f"{_MARKS[row['state']]} {row['label']} {row['when']}".rstrip()
    yield block["as_of"]


def _figures(block: Block) -> Table:
    made = Table(block["unit"], *block["columns"], caption=block["as_of"])
    for row in block["rows"]:
        made.add_row(row["name"], *row["values"])
    return made


def _component(row: Block) -> str:
    counts = [
        f"{row[key]} {word}"
        for key, word in (("originals", "bản chính"), ("copies", "bản sao"))
        if row[key]
    ]
    details = [*counts, *filter(None, (row["quantity"], row["form_name"]))]
    return f"- {row['name']}" + (f" ({', '.join(details)})" if details else "")


def _fee_table(block: Block) -> Table:
    table = Table("Cách nộp", "Thời gian", "Phí, lệ phí", "Ghi chú")
    for row in block["rows"]:
        table.add_row(row["method"], row["time"], "\n".join(row["fees"]), row["note"])
    return table
