"""Lynx as a person uses it: keys go in, and the page that it shows in the end comes out."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path

from ..services.processes import find

ENTER, UP, DOWN, CLEAR = "^J", "Up Arrow", "Down Arrow", "^U"
WAIT_S = 60.0
UTF8 = ("-display_charset=utf-8", "-width=200")


def typed(text: str) -> list[str]:
    """The keys of a text."""
    return ["<space>" if character == " " else character for character in text]


def found(link: str) -> list[str]:
    """The keys that move to the first link with that text in it."""
    return ["/", *typed(link), ENTER]


def moved(page: str, start: str, end: str) -> list[str]:
    """The keys that move from one link or field to another; `page` is from `numbered`."""
    steps = _number(page, end) - _number(page, start)
    return [DOWN] * steps if steps > 0 else [UP] * -steps


def _number(page: str, words: str) -> int:
    """Of the link or field that has these words in it, or right after it."""
    matched = re.search(r"\[(\d+)\][^\[]*" + re.escape(words), page)
    assert matched, f"there is no field or link “{words}”"
    return int(matched[1])


def numbered(url: str) -> str:
    """The page, with a number before each of its links and fields."""
    argv = [find("lynx") or "lynx", "-dump", "-nolist", "-number_fields", *UTF8, url]
    done = subprocess.run(argv, capture_output=True, env={"no_proxy": "*"}, timeout=WAIT_S)
    return done.stdout.decode()


def read_after(url: str, keys: list[str], folder: Path) -> str:
    """Open the address, press the keys, and save the page as text as its last reader sees it."""
    page, script = folder / "page.txt", folder / "keys.txt"
    save = ["p", ENTER, CLEAR, *typed(str(page)), ENTER]
    script.write_text("".join(f"key {key}\n" for key in [*keys, *save, "Q", "Q"]))
    # With -tna a field takes letters only after Enter: else it would swallow the commands.
    argv = [find("lynx") or "lynx", "-tna", f"-cmd_script={script}", *UTF8, url]
    _run_in_terminal(argv, {"TERM": "vt100", "LINES": "300", "COLUMNS": "100", "no_proxy": "*"})
    return page.read_text()


def _run_in_terminal(argv: list[str], env: dict[str, str]) -> None:
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        argv, stdin=inside, stdout=inside, stderr=inside, env=env, start_new_session=True
    )
    os.close(inside)
    deadline = time.monotonic() + WAIT_S
    try:
        while time.monotonic() < deadline and _drained(terminal):
            pass
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def _drained(terminal: int) -> bool:
    """Throw away what it paints; False when it has ended."""
    if not select.select([terminal], [], [], 1)[0]:
        return True
    with contextlib.suppress(OSError):
        return bool(os.read(terminal, 65_536))
    return False
