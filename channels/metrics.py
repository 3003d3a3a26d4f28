"""What is counted, for Prometheus. Numbers only: nothing here tells one resident from another."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 4.0, 6.0, 9.0, 12.0, 15.0)


@dataclass(frozen=True)
class Metrics:
    """One application's counters, in a registry of its own so that several can live in one process."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    turns: Counter = field(init=False)
    rasa_failures: Counter = field(init=False)
    errors: Counter = field(init=False)
    turn_seconds: Histogram = field(init=False)
    streams: Gauge = field(init=False)
    queue_length: Gauge = field(init=False)

    def __post_init__(self) -> None:
        def keep(name: str, metric: object) -> None:
            object.__setattr__(self, name, metric)

        registry = self.registry
        keep(
            "turns",
            Counter(
                "navigator_turns",
                "Residents' messages, by who answered: bot, fallback, consultant or repeat",
                ["answered_by"],
                registry=registry,
            ),
        )
        keep(
            "rasa_failures",
            Counter(
                "navigator_rasa_failures", "Turns that Rasa did not answer", ["reason"], registry=registry
            ),
        )
        keep("errors", Counter("navigator_errors", "Refused or failed calls", ["code"], registry=registry))
        keep(
            "turn_seconds",
            Histogram(
                "navigator_turn_seconds",
                "From a message taken up to its reply stored",
                buckets=_BUCKETS,
                registry=registry,
            ),
        )
        keep("streams", Gauge("navigator_streams", "Open event streams of residents", registry=registry))
        keep(
            "queue_length",
            Gauge("navigator_queue_length", "Conversations waiting for a consultant", registry=registry),
        )
        for who in ("bot", "fallback", "consultant", "repeat"):
            self.turns.labels(who)

    def text(self) -> bytes:
        return generate_latest(self.registry)


METRICS: web.AppKey[Metrics] = web.AppKey("metrics", Metrics)
