"""The command line: one command, one file, loaded when it is used.

A file of this package named after its command holds a :class:`click.Command` called ``command``; its docstring's
first line is the command's line in ``sensorbench --help``.
"""

import ast
import importlib
import sys
from pathlib import Path
from typing import Any

import click

from harness.cli import _interrupts, console
from harness.errors import SensorbenchError, meant

_FOLDER = Path(__file__).parent
_PROGRAM = "sensorbench"
_SHARED = {"options", "console"}
_ORDER = (
    "list", "verify", "run", "report", "compare", "latency", "capacity", "channels", "scale",
    "ablate", "tune", "decide", "profile", "record", "new", "doctor",
)  # fmt: skip


def _names() -> list[str]:
    found = {path.stem for path in _FOLDER.glob("*.py")} - _SHARED
    found = {name for name in found if not name.startswith("_")}
    return sorted(found, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))


class _LazyGroup(click.Group):
    """A group whose commands are files, imported only when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return _names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _names():
            return None
        command = importlib.import_module(f"harness.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        command.name = cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            hint = meant(args[0], _names(), "'sensorbench --help' lists them")
            raise click.UsageError(f"no such command {args[0]!r}; {hint}", ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever reads the answer has seen enough
            console.drop_standard_output()
            return 0
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in _names():
            text = ast.get_docstring(ast.parse((_FOLDER / f"{name}.py").read_text())) or ""
            rows.append((name, text.partition("\n")[0]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="sensorbench", prog_name="sensorbench")
def cli() -> None:
    """Benchmark interchangeable ways of processing sensor readings: no number without a proof.

    \b
    A first look:
      sensorbench list                        what there is, and what cannot run here
      sensorbench run --quick                 verify and compare everything, in a few minutes
      sensorbench report                      the newest run as HTML
      sensorbench new my_variant              a file of your own to edit; then
      sensorbench run -p my_variant -p simd   how it compares
    """  # noqa: D301


def main() -> None:
    """Run the command line; a deliberate error is one line and an exit code, never a traceback."""
    _interrupts.take()
    try:
        console.make_standard_streams_usable()
        code = _outcome()
    except KeyboardInterrupt:
        code = _interrupts.CODE
    finally:
        _interrupts.pass_over()
    sys.exit(code)


def _outcome() -> int:
    """The exit code of the command; what went wrong is said."""
    try:
        code = cli.main(prog_name=_PROGRAM, standalone_mode=False)
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.ClickException as error:
        console.note(_on_one_line(error))
        code = error.exit_code
    except SensorbenchError as error:
        console.note(f"{_PROGRAM}: {error}")
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        console.note(f"{_PROGRAM}: interrupted")
        code = _interrupts.CODE
    except OSError as error:
        console.drop_standard_output()
        where = error.filename or "standard output"
        console.note(
            f"{_PROGRAM}: {where}: {error.strerror or error}; check the path, its permissions and the free space"
        )
        code = SensorbenchError.exit_code
    return code if isinstance(code, int) else 0


def _on_one_line(error: click.ClickException) -> str:
    """What click has to say: which command, what is wrong, where to look."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else _PROGRAM
    message = " ".join(error.format_message().split()).rstrip(".")
    if "--help'" in message:
        return f"{command}: {message}"
    return f"{command}: {message} ('{command} --help' shows what it takes)"
