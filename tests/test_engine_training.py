"""Training: once for each content, and one line when it fails."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from bot import training
from bot.training import ENGINE_PYTHON, ROOT, catalogue_examples, engine_environment, train
from knowledge.errors import OperatorError

FAILING = "#!/bin/sh\necho 'rasa says no'\nexit 1\n"


def test_a_model_that_is_there_is_not_trained_again(engine_model: Path, tmp_path: Path) -> None:
    assert train(engine_model.parent, tmp_path / "no-python-here") == engine_model


def test_changed_content_is_another_model(
    engine_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = training.model_path(engine_model.parent)
    monkeypatch.setattr(training, "catalogue_examples", lambda: "other words")
    assert training.model_path(engine_model.parent) != before


def test_a_missing_environment_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="make env"):
        train(tmp_path, tmp_path / "python")


def test_a_failed_training_names_its_log(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(FAILING)
    python.chmod(0o755)
    with pytest.raises(OperatorError) as error:
        train(tmp_path, python)
    line = str(error.value)
    assert "\n" not in line
    log = Path(line.rsplit(" ", 1)[1])
    assert log.read_text() == "rasa says no\n"
    assert not list(tmp_path.glob("*.tar.gz"))


def test_the_engine_gets_no_setting_of_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_TOKEN_SECRET", "not for the engine")
    assert not [name for name in engine_environment() if name.startswith("ASSISTANT_")]
    assert engine_environment()["PATH"] == os.environ["PATH"]


def test_the_shipped_catalogues_words_are_questions(tmp_path: Path) -> None:
    record = {"name": "Đăng ký  nuôi ong", "aliases": [f"nuôi ong {n}" for n in range(9)]}
    (tmp_path / "one.yaml").write_text(yaml.safe_dump(record, allow_unicode=True))
    (block,) = yaml.safe_load(catalogue_examples(tmp_path))["nlu"]
    assert block["intent"] == "ask"
    lines = block["examples"].splitlines()
    assert lines == ["- Đăng ký nuôi ong", "- nuôi ong 0", "- nuôi ong 1", "- nuôi ong 2"]


def test_rasa_finds_nothing_wrong_with_the_data(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yml").write_text(catalogue_examples(), encoding="utf-8")
    command = [ENGINE_PYTHON, "-m", "nlu", "data", "validate", "--fail-on-warnings"]
    command += ["--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", "nlu/data/nlu", "nlu/data/rules", str(tmp_path / "catalogue.yml")]
    done = subprocess.run(command, cwd=ROOT, env=engine_environment(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()[-1500:]
