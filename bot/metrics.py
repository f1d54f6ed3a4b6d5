"""Figures for Prometheus: turns by outcome and how long their parts took."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from actions.outcomes import Outcome

_SECONDS = (0.005, 0.01, 0.02, 0.04, 0.09, 0.2, 0.5, 1.0, 3.0)


class Metrics:
    """One registry an app, so that several apps may live in one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._turns = Counter(
            "assistant_turns", "Turns by outcome", ["channel", "outcome"], registry=self._registry
        )
        self._in_flight = Gauge(
            "assistant_turns_in_flight",
            "Turns that are being answered now; replicas are added by it",
            registry=self._registry,
        )
        self._parts = Histogram(
            "assistant_turn_seconds",
            "Time of a turn and of its parts",
            ["part"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._unrecorded = Counter(
            "assistant_unrecorded_turns",
            "Turns answered but not stored because the database failed",
            registry=self._registry,
        )

        self._dossiers = Gauge(
            "assistant_dossier_system_up",
            "1 where a dossier system is asked, 0 while its circuit is open",
            ["system"],
            registry=self._registry,
        )

        self._waiting = Gauge(
            "assistant_waiting_updates",
            "Updates of messaging channels that are accepted and not answered yet",
            registry=self._registry,
        )

        self._limits = Counter(
            "assistant_limit_checks",
            "Checks of rate limits: within, near (75 % used), refused",
            ["limit", "state"],
            registry=self._registry,
        )

        self._redis = Gauge(
            "assistant_redis_up",
            "1 while limits are counted in Redis for all replicas, 0 while each counts alone, NaN "
            "where no Redis is set",
            registry=self._registry,
        )

        self._index_built = Gauge(
            "assistant_index_built_timestamp_seconds",
            "When the index that serves was built",
            registry=self._registry,
        )

        self._index_current = Gauge(
            "assistant_index_current",
            "1 while the index that serves is of the catalogue as it is, 0 while it is older",
            registry=self._registry,
        )

        self._swept = Gauge(
            "assistant_last_purge_timestamp_seconds",
            "When what is kept no longer was last removed to the end; 0 before the first time",
            registry=self._registry,
        )

    def turn(
        self, channel: str, outcome: Outcome, parts_ms: dict[str, float], *, recorded: bool
    ) -> None:
        """Counts one turn; ``parts_ms`` are the gateway's own steps and ``total``."""
        self._turns.labels(channel, outcome).inc()
        for part, ms in parts_ms.items():
            self._parts.labels(part).observe(ms / 1000)
        if not recorded:
            self._unrecorded.inc()

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Counts one turn as being answered for the time of the block."""
        with self._in_flight.track_inprogress():
            yield

    def dossier_systems(self, circuits: Mapping[str, str]) -> None:
        """Takes the state of every dossier system's circuit (``closed``, ``open``, ``trying``)."""
        for system, state in circuits.items():
            self._dossiers.labels(system).set(state != "open")

    def waiting_updates(self, count: int) -> None:
        """Takes the length of the channels' queue."""
        self._waiting.set(count)

    def limit(self, limit: str, state: str) -> None:
        """Counts one check of ``limit``; ``state``: within, near, refused."""
        self._limits.labels(limit, state).inc()

    def index(self, built_at: dt.datetime, *, current: bool) -> None:
        """Takes the age of the index that serves."""
        self._index_built.set(built_at.timestamp())
        self._index_current.set(current)

    def swept(self) -> None:
        """Notes that what is kept no longer was removed now."""
        self._swept.set_to_current_time()

    def redis(self, up: bool | None) -> None:
        """Takes whether Redis answers; None where none is set."""
        self._redis.set(float("nan") if up is None else up)

    def text(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self._registry)
