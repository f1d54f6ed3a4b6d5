"""How the benchmarks print: one line a figure, with its budget and whether it is kept."""

import platform
from collections.abc import Sequence

import numpy as np
import psutil


def machine() -> str:
    """The machine in one line."""
    memory = psutil.virtual_memory().total / 2**30
    cores, python = psutil.cpu_count(), platform.python_version()
    return f"{cores} cores, {memory:.0f} GiB, {platform.machine()}, Python {python}"


def percentiles(times_ms: Sequence[float]) -> tuple[float, float, float]:
    """p50, p95 and p99 of times in milliseconds."""
    p50, p95, p99 = np.percentile(times_ms, [50, 95, 99])
    return float(p50), float(p95), float(p99)


def line(
    what: str, value: float, unit: str, budget: float | None = None, least: bool = False
) -> None:
    """Print one figure; ``least``: the budget is a lower bound."""
    verdict = ""
    if budget is not None:
        kept = value >= budget if least else value <= budget
        verdict = f"{'>=' if least else '<='} {budget:g} {unit}  {'kept' if kept else 'MISSED'}"
    print(f"{what:<44} {value:>10.1f} {unit:<8} {verdict}")
