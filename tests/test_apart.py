"""App and engine as their images run them: apart, each on the files of its own image alone."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from deployment import laid_out, stages

from bot.cli.conversation import Talk
from bot.processes import Part
from bot.supervisor import START_SECONDS, free_port
from bot.training import ENGINE_PYTHON
from knowledge.rules.service import Rules
from knowledge.service import Knowledge

SECRET = "known to both"
CONSOLE = ["-c", "from bot.cli import main; main()"]


def _environment(image: str, folder: Path, **settings: str) -> dict[str, str]:
    """What a container of the image sees, with the folder in place of the image's own."""
    given = stages()["python"].environment() | stages()[image].environment()
    own = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "PYTHONPATH": str(folder)}
    return given | own | {"MPLCONFIGDIR": str(folder.parent)} | settings


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files of both images, each in a folder."""
    root = tmp_path_factory.mktemp("images")
    return {name: laid_out(stages()[name], root / name / "files") for name in ("app", "engine")}


@pytest.fixture(scope="module")
def parts(
    folders: dict[str, Path],
    engine_model: Path,
    cache_dir: Path,
    shipped_database: str,
    knowledge: Knowledge,
    rules: Rules,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Part]]:
    """Engine and app, answering; neither was started by the other nor by a supervisor."""
    var = tmp_path_factory.mktemp("apart")
    ports = {name: str(free_port()) for name in ("engine", "actions", "app")}
    _, *serve = json.loads(stages()["engine"].last("CMD"))
    engine = Part(
        "engine",
        [str(ENGINE_PYTHON), *serve, "--model", str(engine_model),
         "--host", "127.0.0.1", "--port", ports["engine"]],
        _environment(
            "engine", folders["engine"],
            ASSISTANT_ENGINE_SECRET=SECRET,
            ASSISTANT_ACTION_URL=f"http://127.0.0.1:{ports['actions']}/webhook",
            ASSISTANT_TRACKER_DB=f"sqlite:///{var / 'trackers.db'}",
        ),
        f"http://127.0.0.1:{ports['engine']}/webhooks/gateway/health",
        var / "engine.log",
    )  # fmt: skip
    _, *told = json.loads(stages()["app"].last("CMD"))
    app = Part(
        "app",
        [sys.executable, *CONSOLE, *told],
        _environment(
            "app", folders["app"],
            ASSISTANT_HOST="127.0.0.1",
            ASSISTANT_PORT=ports["app"],
            ASSISTANT_ACTION_HOST="127.0.0.1",
            ASSISTANT_ACTION_PORT=ports["actions"],
            ASSISTANT_ENGINE_SECRET=SECRET,
            ASSISTANT_ENGINE_URL=f"http://127.0.0.1:{ports['engine']}",
            ASSISTANT_CACHE_DIR=str(cache_dir),
            ASSISTANT_VAR_DIR=str(var),
            ASSISTANT_DATABASE_URL=shipped_database,
            ASSISTANT_CONVERSATIONS_URL=f"sqlite:///{var / 'conversations.db'}",
        ),
        f"http://127.0.0.1:{ports['app']}/readyz",
        var / "app.log",
    )  # fmt: skip
    try:
        for part in (engine, app):
            part.start()
        for part in (engine, app):
            assert part.wait_until_it_answers(START_SECONDS), part.last_words()
        yield {"engine": engine, "app": app}
    finally:
        for part in (app, engine):
            part.stop()


def test_a_question_is_answered_through_both(parts: dict[str, Part]) -> None:
    talk = Talk(parts["app"].health_url.removesuffix("/readyz"))
    reply = talk.say("làm khai sinh cho con cần giấy tờ gì")
    talk.close()
    assert reply["outcome"] == "answered"


def test_turns_in_flight_are_told(parts: dict[str, Part]) -> None:
    url = parts["app"].health_url.replace("/readyz", "/metrics")
    assert "\nassistant_turns_in_flight 0.0\n" in httpx.get(url, trust_env=False).text


def test_nothing_is_written_among_the_files_of_an_image(
    parts: dict[str, Part], folders: dict[str, Path]
) -> None:
    for name, folder in folders.items():
        fresh = laid_out(stages()[name], folder.parent / "fresh")
        listed = [sorted(path.relative_to(at) for path in at.rglob("*")) for at in (folder, fresh)]
        assert listed[0] == listed[1]


def test_the_engine_s_files_hold_no_code_of_the_app(folders: dict[str, Path]) -> None:
    assert {path.name for path in folders["engine"].iterdir() if path.is_dir()} == {
        "knowledge", "nlu",
    }  # fmt: skip


def test_the_app_ends_by_itself_when_told_to(parts: dict[str, Part]) -> None:
    process = parts["app"].process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) in (0, -signal.SIGTERM)
