"""JSON lines of laws by article: ``{id, law, article, title, text}``, one article a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.importers.reading import documents
from knowledge.records import Rejection
from knowledge.rules.records import Part, RuleDocument
from knowledge.rules.structure import parse_article

FIELDS = ("id", "law", "article", "text")
MAX_TEXT = 2**20


def read(path: Path) -> Iterator[RuleDocument | Rejection]:
    """One document for each law of the file, its articles in their order; a faulty line is told."""
    laws: dict[str, list[dict[str, Any]]] = {}
    seen: set[tuple[str, str]] = set()
    for row in documents(path):
        if isinstance(row, Rejection):
            yield row
            continue
        fault = _fault(row.data, seen)
        if fault:
            yield Rejection(file=str(path), line=row.line, reason=fault)
            continue
        seen.add((row.data["law"], row.data["article"]))
        laws.setdefault(row.data["law"], []).append(row.data)
    for law, articles in laws.items():
        yield _document(law, articles)


def _fault(data: dict[str, Any], seen: set[tuple[str, str]]) -> str | None:
    missing = [name for name in FIELDS if not isinstance(data.get(name), str) or not data[name]]
    if missing:
        return f"no text in {', '.join(missing)}"
    if len(data["text"]) > MAX_TEXT:
        return f"an article of more than {MAX_TEXT:,} characters"
    if (data["law"], data["article"]) in seen:
        return f"article {data['article']} of {data['law']} stands again, the first is kept"
    return None


def _document(law: str, articles: list[dict[str, Any]]) -> RuleDocument:
    parts: list[Part] = []
    for article in articles:
        start = len(parts)
        read = parse_article(article["article"], str(article.get("title") or ""), article["text"])
        parts += [
            part.model_copy(update={"above": None if part.above is None else part.above + start})
            for part in read
        ]
    ids = {article["article"]: article["id"] for article in articles}
    return RuleDocument(key=law, title=law, parts=parts, article_ids=ids)
