"""One part of a run: a child process, how to start it, and whether it answers."""

import ctypes
import ipaddress
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from bot.training import ENGINE_PYTHON, ROOT, engine_environment

_PR_SET_PDEATHSIG = 1
_HEALTH_SECONDS = 1.0
SANDBOX_CLIENT = "assistant"


class Alone(StrEnum):
    """A part that can be built and run by itself, on a server or in a container of its own."""

    APP = "app"
    ENGINE = "engine"


def _die_with_parent() -> None:
    """Runs in the child: Linux ends it when its parent dies, however that happens."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Part:
    """A child process that answers 200 at ``health_url`` when it works; writes to ``log``."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    health_url: str
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started_at: float = 0.0

    def start(self) -> None:
        """Start the process anew, in a process group of its own: a Ctrl-C in the terminal reaches
        the supervisor alone, which stops its parts in order."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                process_group=0,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )
        self.started_at = time.monotonic()

    def exit_code(self) -> int | None:
        """None while the process runs."""
        return self.process.poll() if self.process else None

    def answers(self) -> bool:
        """Asks the part itself."""
        url = urlsplit(self.health_url)
        connection = HTTPConnection(url.netloc, timeout=_HEALTH_SECONDS)
        try:
            connection.request("GET", url.path)
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def wait_until_it_answers(self, seconds: float) -> bool:
        """False when the process ended or did not answer in time."""
        while time.monotonic() - self.started_at < seconds and self.exit_code() is None:
            if self.answers():
                return True
            time.sleep(0.1)
        return False

    def stop(self, seconds: float = 10.0) -> None:
        """Ask the process to end; end it when it does not."""
        if self.process is None or self.exit_code() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def last_words(self) -> str:
        """The last line of the log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "no output"


def engine_part(
    model: Path,
    port: int,
    secret: str,
    action_url: str,
    tracker_db: str,
    log: Path,
    python: Path = ENGINE_PYTHON,
    redis_url: str = "",
    event_broker: str = "",
) -> Part:
    """The engine on loopback ``port``. ``tracker_db`` is a SQLAlchemy URL; ``event_broker`` a file
    that names Rasa's event broker."""
    environment = engine_environment() | {
        "ASSISTANT_ENGINE_SECRET": secret,
        "ASSISTANT_ACTION_URL": action_url,
        "ASSISTANT_TRACKER_DB": tracker_db,
        "ASSISTANT_REDIS_URL": redis_url,
        "ASSISTANT_EVENT_BROKER": event_broker,
    }
    command = [str(python), "-m", "nlu.serve", "--model", str(model), "--port", str(port)]
    health = f"http://127.0.0.1:{port}/webhooks/gateway/health"
    return Part("engine", command, environment, health, log)


def sandbox_part(port: int, secret: str, log: Path) -> Part:
    """The sandbox of made-up dossiers on loopback ``port``."""
    environment = os.environ | {
        "SANDBOX_CLIENT_ID": SANDBOX_CLIENT,
        "SANDBOX_CLIENT_SECRET": secret,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "connectors.sandbox", "--port", str(port)]
    return Part("sandbox", command, environment, f"http://127.0.0.1:{port}/health", log)


def sandbox_settings(port: int, secret: str) -> dict[str, str]:
    """What the app's environment needs to ask the sandbox."""
    return {
        "ASSISTANT_DOSSIER_SYSTEMS": str(ROOT / "connectors" / "sandbox" / "systems.yml"),
        "SANDBOX_URL": f"http://127.0.0.1:{port}",
        "SANDBOX_CLIENT_ID": SANDBOX_CLIENT,
        "SANDBOX_CLIENT_SECRET": secret,
    }


def reachable(host: str) -> str:
    """An address of this machine for a URL: who listens on all of them answers on localhost."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "localhost"
    return f"[{address}]" if address.version == 6 else host


def app_part(host: str, port: int, environment: Mapping[str, str], log: Path) -> Part:
    """The app; ``environment`` holds its settings."""
    command = [sys.executable, "-m", "uvicorn", "--factory", "bot.app:create_app"]
    command += ["--host", host, "--port", str(port), "--no-access-log", "--no-proxy-headers"]
    command += ["--timeout-graceful-shutdown", "5"]
    health = f"http://{reachable(host)}:{port}/healthz"
    return Part("app", command, {**environment, "PYTHONPATH": str(ROOT)}, health, log)
