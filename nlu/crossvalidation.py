"""Cross-validate the intents: ``python -m nlu.crossvalidation CATALOGUE_EXAMPLES OUT.json``.

Five folds; an example and its twins (the same words with other diacritics) are held out together.
Each fold trains the whole pipeline of ``config.yml`` and reads its held-out examples as they stand
and folded. ``OUT.json`` holds one ``[intent, read with diacritics, read without]`` an example.
"""

from nlu import without_tensorflow

without_tensorflow.install()

import asyncio  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

import yaml  # noqa: E402
from rasa.core.agent import Agent  # noqa: E402
from rasa.model_training import train_nlu  # noqa: E402
from sklearn.model_selection import StratifiedGroupKFold  # noqa: E402

import nlu.patches  # noqa: E402, F401  (applied by importing)
from knowledge.text.folding import fold  # noqa: E402

FOLDS = 5
SEED = 20261124
DATA = Path(__file__).parent / "data" / "nlu"


def examples() -> list[tuple[str, str]]:
    """``(text, intent)`` of all training data written for intents."""
    rows = [
        row
        for file in sorted(DATA.glob("*.yml"))
        for row in yaml.safe_load(file.read_text("utf-8"))["nlu"]
    ]
    return [
        (line[2:].strip(), row["intent"])
        for row in rows
        if "intent" in row
        for line in row["examples"].splitlines()
    ]


def _write(rows: list[tuple[str, str]], path: Path) -> None:
    blocks = [
        {
            "intent": intent,
            "examples": "".join(f"- {text}\n" for text, name in rows if name == intent),
        }
        for intent in sorted({intent for _, intent in rows})
    ]
    path.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), "utf-8")


async def _read(agent: Agent, text: str) -> str:
    parsed = await agent.parse_message(text)
    ranked = [row["name"] for row in parsed["intent_ranking"] if row["name"] != "nlu_fallback"]
    return f"{parsed['intent']['name']}/{ranked[0]}"


def validate(catalogue: Path) -> list[tuple[str, str, str]]:
    """One row an example; ``catalogue``: examples that every fold learns from besides."""
    rows = examples()
    texts, intents = zip(*rows, strict=True)
    groups = [fold(text) for text in texts]
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for learned, held_out in splitter.split(texts, intents, groups):
            data = Path(scratch) / "data"
            data.mkdir(exist_ok=True)
            _write([rows[i] for i in learned], data / "nlu.yml")
            (data / "catalogue.yml").write_bytes(catalogue.read_bytes())
            model = train_nlu("config.yml", str(data), scratch, domain="domain.yml")
            agent = Agent.load(model)
            for i in held_out:
                text, intent = rows[i]
                read = asyncio.run(_read(agent, text)), asyncio.run(_read(agent, fold(text)))
                found.append((intent, *read))
    return found


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(validate(Path(sys.argv[1]))), "utf-8")
