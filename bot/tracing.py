"""Turns as OpenTelemetry traces, where a collector is set: one span a turn, one for each step.

A span holds times, the channel and the outcome; never a word, code, id or address. Without a
collector nothing is recorded.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from opentelemetry.trace import NoOpTracerProvider, TracerProvider, get_current_span

from actions.outcomes import Outcome
from bot.settings import Settings

_SERVICE = "assistant-app"
_EXPORT_SECONDS = 5


def _exporting(url: str) -> tuple[TracerProvider, Callable[[], None]]:
    """A provider that sends to ``url``, and what ends it; its libraries load only where wanted."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk import trace as sdk
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = sdk.TracerProvider(resource=Resource({"service.name": _SERVICE}))
    exporter = OTLPSpanExporter(endpoint=url, timeout=_EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider, provider.shutdown


class Tracing:
    """Spans for the collector that the settings name; its own provider, so that no library adds to
    them."""

    def __init__(self, settings: Settings) -> None:
        provider: TracerProvider = NoOpTracerProvider()
        self._end: Callable[[], None] | None = None
        if settings.trace_url:
            provider, self._end = _exporting(settings.trace_url)
        self._tracer = provider.get_tracer(_SERVICE)

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """One span for the time of the block; an exception's message is kept out of it."""
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ):
            yield

    def close(self) -> None:
        """Sends what is left; waits for it at most as long as one export may take."""
        if self._end is not None:
            self._end()


def describe(channel: str, outcome: Outcome) -> None:
    """Tells the running span how the turn ended."""
    span = get_current_span()
    span.set_attribute("assistant.channel", channel)
    span.set_attribute("assistant.outcome", str(outcome))
