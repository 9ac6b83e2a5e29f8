"""Logs and metrics as JSON lines: ids, numbers and steps, never the text of a message, a token or a key."""

import logging
import os
import signal
import sys
import threading
from collections import Counter
from logging.handlers import RotatingFileHandler
from pathlib import Path

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from chalicelib.settings import Settings

NAMESPACE = "ChatIAAssistente"
LOG_BYTES, LOG_FILES = 10_000_000, 3


def make_logger(settings: Settings) -> Logger:
    """The product's logger: LOG_FILE, rotated, or standard error."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if settings.log_file:
        Path(settings.log_file).parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(settings.log_file, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    return Logger(service="chat", level=settings.log_level, logger_handler=handler, utc=True)


class LogTelemetry:
    """The Telemetry port: steps at DEBUG, metrics in CloudWatch's embedded format at INFO."""

    def __init__(self, settings: Settings, logger: Logger) -> None:
        self._settings = settings
        self._logger = logger
        self._die_at, _, occurrence = settings.die_at_step.partition(":")
        self._occurrence = int(occurrence or 1)
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def step(self, name: str, **facts: object) -> None:
        self._logger.debug(name, extra=facts)
        if name == self._die_at:
            self._die_when_due(name)

    def count(self, **metrics: float) -> None:
        if not self._settings.enable_analytics:
            return
        batch = EphemeralMetrics(namespace=NAMESPACE, service="chat")
        for name, value in metrics.items():
            unit = MetricUnit.Milliseconds if name.endswith("Milliseconds") else MetricUnit.Count
            batch.add_metric(name=name, unit=unit, value=value)
        self._logger.info("metrics", **batch.serialize_metric_set())

    def _die_when_due(self, name: str) -> None:
        """Tests kill the process exactly here, as a crash would: no cleanup, no last words."""
        with self._lock:
            self._seen[name] += 1
            if self._seen[name] == self._occurrence:
                os.kill(os.getpid(), signal.SIGKILL)
