"""The supervisor over small real processes: start, restart, stop, and what it says."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bot import supervisor
from bot.processes import Alone, Part, app_part, reachable
from bot.settings import Settings
from bot.supervisor import Supervisor, free_port, part_alone, parts_of, require_port
from bot.training import ROOT
from knowledge.errors import OperatorError

PATIENCE = 30.0
SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER
SUPERVISED = """
import signal, sys
from pathlib import Path
from bot.processes import Part
from bot.supervisor import Supervisor
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
port, folder = sys.argv[1], Path(sys.argv[2])
command = [sys.executable, "-c", (folder / "server.py").read_text(), port]
part = Part("part", command, {}, f"http://127.0.0.1:{port}/", folder / "log")
Supervisor([part], lambda *_: None).run(lambda: print(part.process.pid, flush=True))
"""


def _part(folder: Path, script: str, name: str = "part") -> Part:
    port = free_port()
    command = [sys.executable, "-c", script, str(port)]
    return Part(name, command, {}, f"http://127.0.0.1:{port}/", folder / f"{name}.log")


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@contextmanager
def _running(*parts: Part) -> Iterator[list[tuple[str, str]]]:
    """A supervisor in a thread, ready when entered; gives what it reports."""
    said: list[tuple[str, str]] = []
    ready = threading.Event()
    watch = Supervisor(parts, lambda name, state: said.append((name, state)))
    thread = threading.Thread(target=watch.run, args=(ready.set,))
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        yield said
    finally:
        watch.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_every_part_is_started_announced_and_stopped(tmp_path: Path) -> None:
    parts = [_part(tmp_path, SERVER, "one"), _part(tmp_path, SERVER, "two")]
    with _running(*parts) as said:
        assert all(part.answers() for part in parts)
    assert [part.exit_code() is not None for part in parts] == [True, True]
    for name in ("one", "two"):
        states = [state.split(" ")[0] for told, state in said if told == name]
        assert states == ["starting", "ready", "stopped"]


def test_a_dead_part_is_started_again(tmp_path: Path) -> None:
    part = _part(tmp_path, SERVER)
    with _running(part) as said:
        assert part.process is not None
        first = part.process.pid
        part.process.kill()
        _until(lambda: [state for _, state in said if state.startswith("ready")][1:] != [])
        assert part.process.pid != first
    assert any("ended with code -9; starts again in 1 s" in state for _, state in said)


def test_pauses_between_starts_grow(tmp_path: Path) -> None:
    part = _part(tmp_path, SERVER)
    with _running(part) as said:
        for falls in (1, 2):
            assert part.process is not None
            part.process.kill()
            ready = falls + 1
            _until(lambda n=ready: sum(s.startswith("ready") for _, s in said) == n)
    assert [s.split("again in ")[1].split(" s")[0] for _, s in said if "again" in s] == ["1", "2"]


def test_a_part_that_never_answered_ends_the_run_with_its_last_words(tmp_path: Path) -> None:
    good = _part(tmp_path, SERVER, "good")
    bad = _part(tmp_path, "raise SystemExit('no index here')", "bad")
    with pytest.raises(OperatorError, match=r"^bad: ended with code 1: no index here \(log: "):
        Supervisor([good, bad], lambda *_: None).run(lambda: None)
    assert good.exit_code() is not None


def test_a_part_that_does_not_answer_in_time_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "START_SECONDS", 0.5)
    silent = _part(tmp_path, "import time; time.sleep(600)", "silent")
    with pytest.raises(OperatorError, match="silent: no answer within"):
        Supervisor([silent], lambda *_: None).run(lambda: None)
    assert silent.exit_code() is not None


def test_a_part_that_ignores_the_request_to_end_is_ended(tmp_path: Path) -> None:
    part = _part(tmp_path, STUBBORN)
    part.start()
    assert part.wait_until_it_answers(PATIENCE)
    part.stop(seconds=0.2)
    assert part.exit_code() == -signal.SIGKILL


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_part_outlives_the_supervisor(tmp_path: Path, how: signal.Signals) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    command = [sys.executable, "-c", SUPERVISED, str(free_port()), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(how)
        parent.wait(PATIENCE)
        _until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OperatorError, match=f"port {port} .*ASSISTANT_PORT"):
            require_port("127.0.0.1", port, "ASSISTANT_PORT")


def _settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Settings:
    monkeypatch.setenv("ASSISTANT_VAR_DIR", str(folder / "var"))
    monkeypatch.setenv("ASSISTANT_CACHE_DIR", str(folder / "cache"))
    monkeypatch.setenv("ASSISTANT_PORT", str(free_port()))
    return Settings()


def test_a_missing_environment_model_or_index_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(monkeypatch, tmp_path)
    with pytest.raises(OperatorError, match="model is missing; run `assistant train`"):
        parts_of(settings)
    model = supervisor.model_path(tmp_path / "cache" / "models")
    model.parent.mkdir(parents=True)
    model.touch()
    with pytest.raises(OperatorError, match="no search index; run `assistant prepare`"):
        parts_of(settings)
    monkeypatch.setattr(supervisor, "ENGINE_PYTHON", tmp_path / "nowhere")
    with pytest.raises(OperatorError, match=r"nowhere.*run `make env`"):
        parts_of(settings)


def test_both_parts_get_the_same_fresh_secret_and_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(monkeypatch, tmp_path)
    monkeypatch.delenv("ASSISTANT_ENGINE_SECRET", raising=False)
    monkeypatch.setattr(supervisor, "_require_built", lambda _: tmp_path / "model.tar.gz")
    engine, sandbox, app = parts_of(settings)
    again, *_ = parts_of(settings)
    assert sandbox.environment["SANDBOX_CLIENT_SECRET"] == app.environment["SANDBOX_CLIENT_SECRET"]
    secret = engine.environment["ASSISTANT_ENGINE_SECRET"]
    assert secret == app.environment["ASSISTANT_ENGINE_SECRET"]
    assert len(secret) >= 32
    assert secret != again.environment["ASSISTANT_ENGINE_SECRET"]
    port = app.environment["ASSISTANT_ACTION_PORT"]
    assert engine.environment["ASSISTANT_ACTION_URL"] == f"http://127.0.0.1:{port}/webhook"
    assert engine.health_url.startswith(app.environment["ASSISTANT_ENGINE_URL"] + "/")


def test_a_set_secret_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_ENGINE_SECRET", "given")
    settings = _settings(monkeypatch, tmp_path)
    monkeypatch.setattr(supervisor, "_require_built", lambda _: tmp_path / "model.tar.gz")
    engine, _, app = parts_of(settings)
    for part in (engine, app):
        assert part.environment["ASSISTANT_ENGINE_SECRET"] == "given"


def test_no_sandbox_runs_beside_named_dossier_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_DOSSIER_SYSTEMS", str(tmp_path / "systems.yml"))
    settings = _settings(monkeypatch, tmp_path)
    monkeypatch.setattr(supervisor, "_require_built", lambda _: tmp_path / "model.tar.gz")
    assert [part.name for part in parts_of(settings)] == ["engine", "app"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "localhost"),
        ("::", "localhost"),
        ("::1", "[::1]"),
        ("assistant.example", "assistant.example"),
    ],
)
def test_the_page_has_an_address_people_can_open(host: str, expected: str) -> None:
    assert reachable(host) == expected
    assert app_part(host, 1, {}, Path("log")).health_url == f"http://{expected}:1/healthz"


@pytest.fixture
def one_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a server that runs app and engine apart, with both built."""
    monkeypatch.setenv("ASSISTANT_ENGINE_SECRET", "shared")
    monkeypatch.setenv("ASSISTANT_ENGINE_URL", "http://127.0.0.1:5105")
    monkeypatch.setattr(supervisor, "_require_index", lambda _: None)
    monkeypatch.setattr(supervisor, "_require_model", lambda _: tmp_path / "model.tar.gz")
    return _settings(monkeypatch, tmp_path)


def test_the_engine_alone_listens_where_the_app_will_look_for_it(one_server: Settings) -> None:
    engine = part_alone(one_server, Alone.ENGINE)
    assert engine.health_url.startswith("http://127.0.0.1:5105/")
    assert engine.environment["ASSISTANT_ENGINE_SECRET"] == "shared"
    assert engine.environment["ASSISTANT_ACTION_URL"] == "http://127.0.0.1:5055/webhook"
    assert "ASSISTANT_PORT" not in engine.environment


def test_the_engine_alone_calls_the_actions_where_it_is_told(
    one_server: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_ACTION_URL", "http://app:5055/webhook")
    engine = part_alone(one_server, Alone.ENGINE)
    assert engine.environment["ASSISTANT_ACTION_URL"] == "http://app:5055/webhook"


def test_the_app_alone_keeps_the_whole_environment(one_server: Settings) -> None:
    app = part_alone(one_server, Alone.APP)
    assert app.environment["ASSISTANT_ENGINE_URL"] == "http://127.0.0.1:5105"
    assert app.environment["ASSISTANT_ENGINE_SECRET"] == "shared"


@pytest.mark.parametrize("which", list(Alone))
def test_no_part_runs_alone_without_a_secret_both_know(
    one_server: Settings, which: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASSISTANT_ENGINE_SECRET")
    with pytest.raises(OperatorError, match="ASSISTANT_ENGINE_SECRET is not set"):
        part_alone(Settings(), which)


def test_a_part_that_runs_alone_takes_the_place_of_its_command(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from bot.processes import Part;"
        "from bot.supervisor import become;"
        "command = [sys.executable, '-c', 'import os; print(os.getpid(), os.environ[\"GIVEN\"])'];"
        "become(Part('part', command, {'GIVEN': 'yes'}, '', Path('log')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read().split() == [str(process.pid), "yes"]


def test_an_engine_alone_without_a_port_to_listen_on_is_told(
    one_server: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_ENGINE_URL", "http://engine")
    with pytest.raises(OperatorError, match="ASSISTANT_ENGINE_URL names no port"):
        part_alone(Settings(), Alone.ENGINE)
