"""Can time tell a dossier that may not be shown from one that is not there? ``python -m
benchmarks.enumeration``.

The same look-up, in random order: the system says forbidden (403), absent (404), finds nothing, or
finds the dossier but the second factor is wrong. Printed are the medians and, against "finds
nothing", the chance that a guess by time alone is right (0.5: none; Mann-Whitney's AUC) with the
p-value of the test.
"""

import asyncio
import random
import statistics
import time
from typing import Any

import uvicorn
from scipy.stats import mannwhitneyu

from benchmarks.figures import machine
from bot.action_server import listen
from connectors import registry
from connectors.codes import ReadCode
from connectors.configuration import open_system
from connectors.dossier import NotFound
from connectors.registry import Dossiers
from connectors.sandbox.app import Sandbox
from connectors.sandbox.faults import Fault

CODE, CLIENT, SECRET, ROUNDS, WARM = "H37.12-260601-0005", "client", "secret", 100, 20
KINDS: dict[str, tuple[Fault | None, str | None]] = {
    "nothing found": (Fault.EMPTY, None),
    "forbidden": (Fault.STATUS_403, None),
    "absent": (Fault.STATUS_404, None),
    "wrong second factor": (None, "9999"),
}


async def _timed(dossiers: Dossiers, sandbox: Sandbox, kind: str) -> float:
    sandbox.fault, digits = KINDS[kind]
    begun = time.perf_counter()
    answer = await dossiers.find(ReadCode(CODE), digits)
    assert answer == NotFound()
    return (time.perf_counter() - begun) * 1e3


async def measure(sandbox: Sandbox, url: str) -> dict[str, list[float]]:
    """Milliseconds of every look-up by kind."""
    registry.CACHE_SECONDS = -1.0  # every look-up goes to the sandbox
    entry: dict[str, Any] = {"name": "sandbox", "kind": "igate", "sso_url": url, "api_url": url}
    dossiers = Dossiers([open_system(entry | {"client_id": CLIENT, "client_secret": SECRET})])
    order = [kind for kind in KINDS for _ in range(ROUNDS)]
    random.Random(1).shuffle(order)
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind in order[:WARM]:
        await _timed(dossiers, sandbox, kind)
    for kind in order:
        times[kind].append(await _timed(dossiers, sandbox, kind))
    await dossiers.close()
    return times


async def run() -> None:
    sandbox = Sandbox(CLIENT, SECRET)
    listener = listen(0)
    server = uvicorn.Server(uvicorn.Config(sandbox.app(), log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    times = await measure(sandbox, f"http://127.0.0.1:{listener.getsockname()[1]}")
    server.should_exit = True
    await serving
    nothing = times["nothing found"]
    for kind, spent in times.items():
        test = mannwhitneyu(spent, nothing)
        chance = test.statistic / (len(spent) * len(nothing))
        print(
            f"{kind:<22}median {statistics.median(spent):6.2f} ms   "
            f"AUC {chance:.3f}   p {test.pvalue:.3f}"
        )


if __name__ == "__main__":
    print(machine())
    asyncio.run(run())
