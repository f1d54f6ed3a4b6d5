"""What the wall's tests share: all rules there are, an engine that runs the real actions, and the
questions. Retrieval of meanings is stood in for (letters make the vectors): a role is at stake."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from fake_engine import FakeEngine
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from actions.context import Context, provide
from bot.action_server import registered_actions
from connectors.dossier import Counts
from connectors.registry import Dossiers
from knowledge.blocks import ContactBlock
from knowledge.encoder import Vectors
from knowledge.rules.importers import open_rules
from knowledge.rules.index import build
from knowledge.rules.records import RuleDocument
from knowledge.rules.service import Rules
from knowledge.rules.store import SHIPPED

ROOT = Path(__file__).resolve().parents[1]
OURS = {"rule_answered", "rule_not_found", "figures_shown", "forbidden"}
"""Outcomes that only an official's turn may have."""


_FIGURES = re.compile(r"(?<![\d.])730[1-4](?!\d)")


class LetterEncoder:
    """Vectors of how often each letter occurs."""

    id = "letters"
    dim = 26

    def encode_queries(self, texts: list[str]) -> Vectors:
        counts = [[text.lower().count(chr(97 + n)) + 0.1 for n in range(26)] for text in texts]
        vectors = np.array(counts, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    encode_passages = encode_queries


def all_rules(folder: Path, shared: Path | None) -> Rules:
    """The shipped samples and, where it is beside the checkout, the corpus of laws."""
    sources = [SHIPPED, *([shared / "rules" / "alqac2024-law.jsonl.xz"] if shared else [])]
    documents = [
        read for source in sources for read in open_rules(source) if isinstance(read, RuleDocument)
    ]
    build(documents, LetterEncoder(), folder)
    return Rules(LetterEncoder(), folder)


def questions(shared: Path | None) -> list[str]:
    """What officials ask of the samples, and the development questions of the corpus."""
    own = yaml.safe_load((ROOT / "tests" / "rule_questions.yml").read_text("utf-8"))
    asked = [row["say"] for kind in ("answered", "processes") for row in own[kind]]
    if shared:
        file = shared / "rules" / "alqac2024-questions.jsonl"
        asked += [json.loads(line)["question"] for line in file.read_text("utf-8").splitlines()]
    return asked


class CountingDossiers(Dossiers):
    """A dossier system that would tell figures to whoever gets as far."""

    async def figures(self, *asked: Any) -> Counts:
        return Counts(7301, 7302, 7303, 7304)


@dataclass
class ActionEngine(FakeEngine):
    """Runs the real action that answers, with the metadata that came, and keeps the slots."""

    told: list[str] = field(default_factory=list)
    slots: dict[str, dict[str, Any]] = field(default_factory=dict)
    executor: Any = field(default_factory=registered_actions)

    async def turn(self, request: Request) -> Response:
        body = await request.json()
        self.seen.append(body)
        slots = self.slots.setdefault(body["conversation"], {})
        result = await self.executor.run(
            {
                "next_action": "action_answer",
                "domain": {},
                "tracker": {
                    "sender_id": body["conversation"],
                    "slots": slots,
                    "latest_message": _message(body),
                    "events": [],
                    "active_loop": {},
                },
            }
        )
        told = result.model_dump()
        slots |= {e["name"]: e["value"] for e in told["events"] if e["event"] == "slot"}
        self.told.append(json.dumps(told["responses"], ensure_ascii=False))
        return JSONResponse({"messages": told["responses"]})


def _message(body: dict[str, Any]) -> dict[str, Any]:
    if "intent" in body:
        entities = [{"entity": name, "value": value} for name, value in body["slots"].items()]
        intent, text = body["intent"], f"/{body['intent']}"
    else:
        entities, intent, text = [], "ask", body["text"]
    named = {"name": intent, "confidence": 1.0}
    return {"text": text, "intent": named, "entities": entities, "metadata": body["metadata"]}


def action_engine(knowledge: Any, rules: Rules | None) -> ActionEngine:
    """An engine whose actions know ``rules``."""
    contact = ContactBlock(text="Nơi có thể giúp bạn:", lines=[])
    provide(Context(knowledge, contact, CountingDossiers([]), rules=rules))
    return ActionEngine()


@cache
def secrets_of(rules: Rules) -> frozenset[str]:
    """What must not reach a citizen of the sample rules: numbers, titles, headings, sentences."""
    return frozenset(filter(None, _secrets(rules)))


def _secrets(rules: Rules) -> Iterator[str]:
    for unit in rules._searcher.index.provisions:
        if unit.sample:
            yield from (unit.name, unit.title, unit.address)
            yield from (one for one in (unit.heading,) if len(one.split()) > 3)
            yield from (line.strip() for line in unit.text.splitlines() if len(line) > 60)


def leaks(rules: Rules, said: str) -> list[str]:
    """The secrets, outcomes and figures that stand in ``said``."""
    found = {secret for secret in secrets_of(rules) if secret in said}
    found |= {word for word in ("rule_article", *OURS) if word in said}
    return sorted(found | set(_FIGURES.findall(said)))
