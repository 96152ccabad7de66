"""Where ``sensorbench`` begins: interrupted while it loads, it ends at once and without a word."""

import signal


def main() -> None:
    """Load the command line and run it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from harness.cli import main as run

    run()
