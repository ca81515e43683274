"""The options of `[server:main]` that are ours, not waitress's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import SettingsError
from . import kinds
from .option import Option, Reading, option, options_of

SERVER = "Server Configuration"


@dataclass(frozen=True)
class ServerSettings:
    """What `[server:main]` says besides waitress's own options."""

    workers: int = option(
        SERVER,
        kinds.integer(1, 100),
        1,
        "Processes that serve: one computes on one CPU at a time, whatever its threads.",
    )
    worker_cpu_affinity: bool = option(
        SERVER,
        kinds.BOOLEAN,
        False,
        "Each of several `workers` stays on a CPU of its own (Linux), which its threads then need "
        "not change between.",
    )
    threads: int = option(
        SERVER,
        kinds.integer(1, 1000),
        8,
        "Threads of each for the admin. Each serves one request at a time.",
    )
    public_threads: int = option(
        SERVER,
        kinds.integer(1, 1000),
        4,
        "Threads of each that serve only the challenges and the public whoami.",
    )
    public_listen: str | None = option(
        SERVER,
        kinds.TEXT,
        None,
        "`host:port` of a second listener that serves nothing but the public paths.",
        default_text="none",
    )
    stop_after_s: float = option(
        SERVER, kinds.SECONDS, 20.0, "How long running requests may take to end at a stop, seconds."
    )

    @classmethod
    def from_ini(cls, raw: Mapping[str, str]) -> tuple[ServerSettings, dict[str, str]]:
        """Ours, and what is left for waitress. Raises SettingsError."""
        declared = options_of(cls)
        reading = Reading(raw, {})
        settings = cls(**{name: reading.value(found) for name, found in declared.items()})
        if settings.worker_cpu_affinity and not hasattr(os, "sched_setaffinity"):
            reading.complain(declared["worker_cpu_affinity"], "true", "this system can not do it")
        if reading.wrong:
            raise SettingsError("[server:main] is wrong: " + "; ".join(reading.wrong.values()))
        return settings, {k: v for k, v in raw.items() if k not in declared}


SERVER_OPTIONS: list[Option] = list(options_of(ServerSettings).values())
