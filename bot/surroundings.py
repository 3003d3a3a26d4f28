"""What must stand in the environment before Rasa is imported: silence outwards, and writing inside the project only."""

from __future__ import annotations

import logging
import os
import sys

from bot.model import ROOT


def prepare() -> None:
    """Telemetry and error reports off, caches under var/, TensorFlow quiet, our packages importable."""
    cache = ROOT / "var" / "cache"
    (cache / "home").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        # Rasa and its libraries write settings and caches into the home folder.
        HOME=str(cache / "home"),
        RASA_TELEMETRY_ENABLED="false",
        RASA_TELEMETRY_DEBUG="false",
        RASA_CACHE_DIRECTORY=str(cache / "rasa"),
        MPLCONFIGDIR=str(cache / "matplotlib"),
        TF_CPP_MIN_LOG_LEVEL="3",
        CUDA_VISIBLE_DEVICES="-1",
        SQLALCHEMY_SILENCE_UBER_WARNING="1",
    )
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))


def quiet() -> None:
    """WARNING and up: Rasa's lower levels write what people say into the log."""
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings(log_level=logging.WARNING, warn_only_once=True, filter_repeated_logs=True)
    configure_structlog(logging.WARNING)
