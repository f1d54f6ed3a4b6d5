"""Train the engine's model, once for each content.

A model's file name carries a hash of everything it is made of (configuration, domain, examples,
the code of the engine's components, the words of the shipped catalogue), so a model that is
already there is returned at once, and a changed word trains a new one.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import OperatorError

ROOT = Path(__file__).resolve().parents[1]
ENGINE_PYTHON = ROOT / ".venv-engine" / "bin" / "python"
SHIPPED = ROOT / "knowledge" / "shipped"
NAMES_PER_PROCEDURE = 4
_INPUTS = (
    "config.yml", "domain.yml", "nlu/**/*.yml", "nlu/**/*.py",
    "knowledge/text/folding.py", "knowledge/text/syllables.py", "knowledge/everyday/fields.yml",
)  # fmt: skip
_LOCK = "deploy/requirements/engine.lock"


def engine_environment() -> dict[str, str]:
    """The environment variables every process of the engine gets: quiet, no telemetry, and none of
    the app's settings, for the engine holds no secret but its own."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")},
        "PYTHONPATH": str(ROOT),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONWARNINGS": "ignore",
    }


def _names(record: dict[str, Any]) -> list[str]:
    return [record["name"], *record.get("aliases", [])][:NAMES_PER_PROCEDURE]


def catalogue_examples(shipped: Path = SHIPPED) -> str:
    """What the shipped catalogue calls its procedures, as Rasa examples of the intent ``ask``.

    A classifier knows only words it has seen; these are the words people come for.
    """
    paths = sorted(shipped.rglob("*.yaml")) + sorted(shipped.rglob("*.yml"))
    records = (yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in paths)
    names = dict.fromkeys(" ".join(name.split()) for record in records for name in _names(record))
    examples = "".join(f"- {name}\n" for name in names)
    data = {"version": "3.1", "nlu": [{"intent": "ask", "examples": examples}]}
    return yaml.safe_dump(data, allow_unicode=True)


def _parts() -> Iterator[bytes]:
    for pattern in (*_INPUTS, _LOCK):
        for path in sorted(ROOT.glob(pattern)):
            yield path.relative_to(ROOT).as_posix().encode()
            yield path.read_bytes()
    yield catalogue_examples().encode()


def model_path(models_dir: Path) -> Path:
    """Where the model of the present content is, or will be."""
    digest = hashlib.sha256()
    for part in _parts():
        digest.update(hashlib.sha256(part).digest())
    return models_dir / f"engine-{digest.hexdigest()[:16]}.tar.gz"


def train(models_dir: Path, engine_python: Path = ENGINE_PYTHON) -> Path:
    """The model of the present content, trained now (about 15 s) if it is not there yet.

    Raises :class:`OperatorError` naming the log when Rasa does not train.
    """
    model = model_path(models_dir.absolute())
    if model.is_file():
        return model
    if not engine_python.is_file():
        raise OperatorError(f"{engine_python}: the engine's environment is missing; run `make env`")
    work = model.parent / f"{model.name.split('.')[0]}.training"
    work.mkdir(parents=True, exist_ok=True)
    (work / "catalogue.yml").write_text(catalogue_examples(), encoding="utf-8")
    log = work / "train.log"
    if _run_rasa(engine_python, work, log) or not (work / "model.tar.gz").is_file():
        raise OperatorError(f"training the engine failed; its last words are in {log}")
    (work / "model.tar.gz").replace(model)
    return model


def _run_rasa(engine_python: Path, work: Path, log: Path) -> int:
    command = [str(engine_python), "-m", "nlu", "train", "--fixed-model-name", "model"]
    command += ["--config", "config.yml", "--domain", "domain.yml", "--out", str(work)]
    command += ["--data", "nlu/data/nlu", "nlu/data/rules", str(work / "catalogue.yml")]
    with log.open("wb") as output:
        return subprocess.run(
            command, cwd=ROOT, env=engine_environment(), stdout=output, stderr=output
        ).returncode
