"""Tables as terminals see them."""

import os
import pty
import subprocess
import sys

import pytest

CODE = """
from harness.cli.console import say_table
say_table(("implementation", "why"), [("simd", "word " * 40), ("naive", "")], "Title")
"""


def on_terminal(**environment: str) -> str:
    """What a terminal of its own gets to see of a table."""
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", CODE], stdout=theirs, env={**os.environ, **environment}, timeout=60
        )
        assert done.returncode == 0
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    finally:
        os.close(ours)
    return seen.decode()


@pytest.mark.parametrize("columns", [60, 100])
def test_a_dumb_terminal_gets_plain_lines_of_its_width(columns: int) -> None:
    seen = on_terminal(TERM="dumb", COLUMNS=str(columns))
    lines = [line.rstrip() for line in seen.splitlines()]
    assert "\x1b" not in seen
    assert seen.isascii()
    assert columns - 20 < max(map(len, lines)) <= columns
    assert any("simd" in line for line in lines)


def test_another_terminal_gets_lines() -> None:
    seen = on_terminal(TERM="xterm-256color", COLUMNS="60")
    assert "━" in seen
