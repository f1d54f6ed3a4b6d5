"""What a look-up costs beside the dossier system's own time: ``python -m benchmarks.connector``.

The sandbox runs as a process of its own. Printed is the time of a whole look-up (registry,
connector, reading the reply) less that of a bare GET of the same reply.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from benchmarks.figures import line, machine, percentiles
from bot.processes import SANDBOX_CLIENT, sandbox_part
from bot.supervisor import free_port
from connectors import registry
from connectors.configuration import open_system
from connectors.dossier import DossierStatus
from connectors.igate import SEARCH_PATHS, TOKEN_PATH

CODE, SECRET, ROUNDS, WARM = "H37.12-260601-0005", "secret", 500, 50


async def _ms(work: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await work()
    return (time.perf_counter() - begun) * 1e3


async def measure(url: str) -> None:
    registry.CACHE_SECONDS = -1.0  # every look-up goes to the sandbox
    entry = {"name": "sandbox", "kind": "igate", "sso_url": url, "api_url": url}
    system = open_system(entry | {"client_id": SANDBOX_CLIENT, "client_secret": SECRET})
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        form = {"client_id": SANDBOX_CLIENT, "client_secret": SECRET}
        token = (await http.post(TOKEN_PATH, data=form)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        query = {"page": "0", "size": "10", "spec": "slice", "code": CODE}

        async def bare() -> None:
            (
                await http.get(SEARCH_PATHS["citizen"], params=query, headers=headers)
            ).raise_for_status()

        async def whole() -> None:
            assert isinstance(await system.find(CODE, None), DossierStatus)

        pairs = [(await _ms(bare), await _ms(whole)) for _ in range(WARM + ROUNDS)][WARM:]
    await system.connector.close()
    line("bare GET p50", percentiles([bare for bare, _ in pairs])[0], "ms")
    line("look-up p50", percentiles([whole for _, whole in pairs])[0], "ms")
    line("overhead p50", statistics.median(whole - bare for bare, whole in pairs), "ms", 3)


def main() -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        sandbox = sandbox_part(port, SECRET, Path(folder) / "sandbox.log")
        sandbox.start()
        try:
            if not sandbox.wait_until_it_answers(30):
                raise SystemExit(sandbox.last_words())
            print(machine())
            asyncio.run(measure(f"http://127.0.0.1:{port}"))
        finally:
            sandbox.stop()


if __name__ == "__main__":
    main()
