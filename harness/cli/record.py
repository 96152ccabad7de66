"""Record this machine's own counters, or convert a recording to the fast binary form."""

import datetime
import shlex
from pathlib import Path
from typing import Any

import click

from harness.cli._record_columns import column_options
from harness.cli._record_progress import Bar
from harness.cli.console import note, say, say_json
from harness.cli.options import RATE, SECONDS, json_option
from harness.errors import UsageError
from harness.units import count, format_bytes, format_count, format_seconds

_KEPT = 0.95
_ENDINGS = {".csv", ".tsv", ".txt", ".gz", ".parquet", ".pq", ".rec"}
_force_option = click.option("--force", is_flag=True, help="Replace FILE if it is there.")


@click.group(no_args_is_help=True)
def command() -> None:
    """Record this machine's own counters, or convert a recording to the fast binary form.

    Both write a record file (16 bytes a reading, checksummed), which is mapped instead of parsed when it is replayed
    with 'sensorbench run -w replay:FILE'. docs/record-format.md describes it.

    \b
    Examples:
      sensorbench record telemetry                          what the workload 'telemetry' replays from now on
      sensorbench record telemetry --seconds 60 --rate 200 --out busy-hour.rec
      sensorbench record convert plant.csv.gz --out plant.rec
      sensorbench record convert plant.parquet --out plant.rec --sensors calibration.csv
    """  # noqa: D301  (click's mark for text that is not to be wrapped)


@command.command(short_help="Record the counters of this machine.")
@click.option(
    "--seconds", type=SECONDS, default="10", show_default=True, metavar="TIME", help="How long: 10, 90s, 5min."
)
@click.option(
    "--rate", type=RATE, default="100", show_default=True, metavar="N", help="Samples of every sensor a second."
)
@click.option(
    "--max-sensors",
    type=click.IntRange(1),
    metavar="N",
    default=512,
    show_default=True,
    help="Sensors to record at most.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Record file to write (default: the one in the cache folder that the workload 'telemetry' replays).",
)
@_force_option
@json_option
def telemetry(seconds: float, rate: float, max_sensors: int, out: Path | None, force: bool, as_json: bool) -> None:
    """Record this machine's own counters: CPU times, interrupts, memory, disks, network, pressure, temperatures.

    Levels are recorded as they are, counters as their growth since the recording began. Sources that are too slow for
    the rate are left out, and counters that stay zero. Ctrl-C ends the recording early and keeps it.

    \b
    Examples:
      sensorbench record telemetry
      sensorbench record telemetry --seconds 5min --rate 1000 --out build.rec    (while something else runs)
    """  # noqa: D301  (click's mark for text that is not to be wrapped)
    from workloads.counters import record_telemetry
    from workloads.telemetry import default_path

    path = default_path() if out is None else _free(out, force)
    with Bar("recording", quiet=as_json) as bar:

        def progress(passed_s: float, readings: int) -> None:
            bar.show(passed_s / seconds, f"{format_count(readings)} readings")

        outcome = record_telemetry(path, seconds, rate, progress, max_sensors, keep_interrupted=True)
    document = _document(path, outcome)
    if as_json:
        say_json(document)
        return
    say(
        f"{path}: {count(outcome.readings, 'reading')} of {count(outcome.sensors, 'sensor')} in "
        f"{format_seconds(outcome.seconds)}, "
        f"{outcome.achieved_per_s:.1f} samples/s, {format_bytes(document['bytes'])}"
    )
    if outcome.achieved_per_s < _KEPT * rate:
        note(f"{rate:g} samples/s could not be kept: {outcome.missed_rounds:,} rounds missed; ask for a lower --rate")
    for source in outcome.left_out:
        note(f"left out {source}, too long at this rate")
    say("replay it: sensorbench run -w " + ("telemetry" if out is None else shlex.quote(f"replay:{path}")))


@command.command(short_help="Convert CSV or Parquet to a record file.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Record file to write (default: FILE's name with .rec, in this folder).",
)
@click.option(
    "--sensors",
    "sensors_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="CSV file with the columns sensor, gain, offset, to be kept with the readings.",
)
@column_options
@_force_option
@json_option
def convert(
    file: Path, out: Path | None, sensors_path: Path | None, force: bool, as_json: bool, **hints: str | None
) -> None:
    """Convert a recording in FILE (CSV, also .gz; Parquet; a record file) to a record file.

    \b
    Long form has the columns time, sensor and value, in any order:      time,sensor,value
                                                                         2024-05-01T12:00:00Z,boiler,71.25
    Wide form has a time column and a column for each sensor:            time,boiler,chiller
                                                                         1714564800,71.25,4.5

    Columns are known by these names, in any case; others by the options for columns. The rest of a wide table are
    sensors, the rest of a long one is ignored with a note.

    \b
    time      time, timestamp, datetime, date_time, time_ns, date; else ts, t, index, or no name
    sensor    sensor, sensor_id, sensorid, sensor_name, id, device, device_id, series, tag, metric, name
    value     value, reading, measurement, val, v; else the only other column

    Columns are separated by , ; tab or |. Where it is not the comma, numbers may have a decimal comma: 23,865. Lines
    in front that begin with # are comments.

    Times are ISO 8601 (without a zone: UTC), days such as 20240501, or epoch numbers in s, ms, us or ns, told apart by
    their size unless --time-unit says it. The order of the file is kept. A cell that is blank, or NaN, NA, n/a, null,
    none or -, is NaN in long form, no reading in wide form.

    \b
    Examples:
      sensorbench record convert plant.csv.gz
      sensorbench record convert plant.parquet --out plant.rec --sensors calibration.csv
      sensorbench record convert anlage.csv --time-column Zeit --sensor-column Messstelle --value-column Wert
    """  # noqa: D301  (click's mark for text that is not to be wrapped)
    from workloads.convert import convert as convert_recording
    from workloads.recordings import Hints

    path = _free(out or Path(_plain(file.name) + ".rec"), force)
    with Bar("converting", quiet=as_json) as bar:
        converted = convert_recording(file, path, sensors_path, bar.show, Hints(**hints))
    document = _document(path, converted)
    if as_json:
        say_json(document)
        return
    extent = f"{_written(converted.earliest_ns)} to {_written(converted.latest_ns)}"
    say(
        f"{path}: {count(converted.readings, 'reading')} of {count(converted.sensors, 'sensor')}, {extent}, "
        f"{format_bytes(document['bytes'])}"
    )
    for line in converted.notes:
        note(line)
    say(f"replay it: sensorbench run -w {shlex.quote(f'replay:{path}')}")


def _plain(name: str) -> str:
    """`name` without the endings that say how a recording is kept."""
    while (path := Path(name)).suffix.lower() in _ENDINGS:
        name = path.stem
    return name


def _free(path: Path, force: bool) -> Path:
    if path.exists() and not force:
        raise UsageError(f"{path} exists; choose another --out, or replace it with --force")
    return path


def _document(path: Path, outcome: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {"path": str(path), "bytes": path.stat().st_size, **asdict(outcome)}


def _written(time_ns: int) -> str:
    """A time as ISO text to the second, or the number itself where the calendar ends."""
    try:
        return datetime.datetime.fromtimestamp(time_ns // 10**9, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return f"{time_ns} ns"
