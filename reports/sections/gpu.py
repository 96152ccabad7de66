"""GPU: rates by batch size with the input pageable, registered and on the device, beside what its link allows."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from statistics import median
from typing import Any

from harness.statistics.overtaking import overtaking
from harness.store import Record
from harness.units import figure
from reports.content import Block, Column, Figure, Items, Pairs, Paragraph, Row, Section, Table, Value
from reports.load import Run
from reports.plots.scale import Line, scale_plot
from reports.ranking import slug
from reports.tables import NOTHING, make_table, number, text
from reports.text import BYTES, COUNTS, MILLION, SECONDS, percent, quantity, round_quantity, span

ORDER = 57

_BANDWIDTHS = {
    "to_device": "To the device",
    "to_host": "To the host",
    "both_ways": "Both ways at once",
    "device_copy": "Copying within the device, read plus written",
}
_SPENT = {"copy_in_s": "Copy in", "kernel_s": "Kernels", "copy_out_s": "Copy home", "wait_s": "Wait"}
_INPUTS = ("pageable", "registered", "resident")


def build(run: Run) -> Section | None:
    """A subsection for each workload; None where no device was measured."""
    newest = {(r["workload"], r["sensors"], r["implementation"]): r for r in run.records.get("device", ())}
    places = dict.fromkeys((workload, sensors) for workload, sensors, _ in newest)
    groups = [
        [record for (workload, sensors, _), record in newest.items() if (workload, sensors) == place]
        for place in places
    ]
    found = tuple(_group(group) for group in groups if any(r["accelerated"] and r["points"] for r in group))
    if not found:
        return None
    intro = Paragraph(
        "Each batch size was proved on its very stream, then timed in fresh processes by turns. What is timed are long"
        " windows that pass over the same readings again and again, so that closing one does not count; each must have"
        " counted as many readings of each sensor as its passes hold. The clock stops when the whole device is idle and"
        " the window's statistics are on the host. Pageable: readings anywhere in memory,"
        " values back on the host. Registered: readings in page-locked memory, which the device reads by itself."
        " Resident: readings on the device before the clock starts, values left there. Shares are of bandwidths"
        " measured in the same processes; times of copies and kernels are the device's own, in passes that were not"
        " timed, and overlap; of very small batches the kernels' time is that of launching them."
    )
    return Section("GPU", "gpu", (intro, *found))


def _group(records: Sequence[Record]) -> Section:
    first = records[0]
    title = f"{first['workload']} with {first['sensors']:,} sensors"
    anchor = f"gpu-{slug(first['workload'])}-{first['sensors']}"
    blocks: list[Block] = [_figure(records, title, f"plot-{anchor}")]
    crossings = tuple(_crossings(records))
    if crossings:
        blocks.append(Items(crossings))
    blocks.append(_rates(records, title))
    devices = [record for record in records if record["accelerated"] and record["points"]]
    blocks.append(_times(devices, title))
    blocks += [_limits(record) for record in devices if record["bandwidths"]]
    left = tuple(
        f"{record['implementation']} in batches of {item['batch']:,}: left out, {item['reason']}"
        for record in records
        for item in record["left_out"]
    )
    return Section(title, anchor, (*blocks, *([Items(left)] if left else [])))


def _series(records: Sequence[Record]) -> Iterator[tuple[Record, str, dict[int, list[float]]]]:
    """Rates by batch size, of each implementation with each input."""
    for record in records:
        for where in _INPUTS:
            rates = {p["batch"]: p["per_s"][where] for p in record["points"] if where in p["per_s"]}
            if rates:
                yield record, where, rates


def _name(record: Record, where: str) -> str:
    return f"{record['implementation']}, {where}" if record["accelerated"] else str(record["implementation"])


def _figure(records: Sequence[Record], title: str, name: str) -> Figure:
    lines = []
    words = []
    for record, where, rates in _series(records):
        points = tuple((float(batch), tuple(1 / rate for rate in some), False) for batch, some in rates.items())
        joined = tuple((batch, median(costs)) for batch, costs, _ in points)
        lines.append(Line(_name(record, where), where if record["accelerated"] else "on the host", points, joined))
        best = max(rates, key=lambda batch: median(rates[batch]))
        words.append(f"{_name(record, where)} {figure(MILLION.of(median(rates[best])))} million/s at {best:,}")
    ticks = partial(round_quantity, COUNTS), partial(round_quantity, SECONDS)
    alt = f"Seconds a reading against batch size on {title}; the fastest: {'; '.join(words)}."
    titles = ("readings a batch, log scale", "seconds a reading, log scale")
    caption = (
        "What a reading costs by batch size; bars reach from the fastest to the slowest process, lines join medians."
    )
    return Figure(name, caption, alt, partial(scale_plot, lines, (), titles, ticks, alt, name))


def _crossings(records: Sequence[Record]) -> Iterator[str]:
    """From which batch size on each device is ahead of each implementation of the host, end to end."""
    series = [(record, where, rates) for record, where, rates in _series(records) if where != "resident"]
    for host, _, slow in series:
        for record, where, rates in series:
            if host["accelerated"] or not record["accelerated"]:
                continue
            found = overtaking(slow, rates)
            who, whom = _name(record, where), host["implementation"]
            if found.ahead_from is None:
                yield f"{who} is not ahead of {whom} at the largest batch that both were measured with."
            elif found.not_ahead_at is None:
                yield f"{who} is ahead of {whom} from the smallest batch on that was measured, {found.ahead_from:,}."
            else:
                yield (
                    f"{who} is ahead of {whom} from batches of {found.ahead_from:,} on, and not at"
                    f" {found.not_ahead_at:,}; between them was not measured."
                )


def _rates(records: Sequence[Record], title: str) -> Table:
    columns = (
        Column("Implementation"),
        Column("Batch", kind="number"),
        Column("Pageable", "million/s", "number", "Host to host, readings anywhere in memory"),
        Column("Registered", "million/s", "number", "Host to host, readings in page-locked memory"),
        Column("Of the link", kind="number", meaning="Registered, of what the link carries to the device"),
        Column("Resident", "million/s", "number", "Readings and values on the device"),
        Column("Of the copy", kind="number", meaning="Resident, of what copying as many bytes on the device allows"),
        Column("Checks passed", kind="number"),
    )
    rows = [
        Row(
            (
                text(record["implementation"]),
                Value(f"{point['batch']:,}", order=point["batch"]),
                _rate(point["per_s"].get("pageable")),
                _rate(point["per_s"].get("registered")),
                _share(record, point["per_s"].get("registered"), record["link_bytes"]["to_device"], "to_device"),
                _rate(point["per_s"].get("resident")),
                _share(record, point["per_s"].get("resident"), record["bytes_per_reading"], "device_copy"),
                number(point["checks"], "{:.0f}".format),
            )
        )
        for record in records
        for point in record["points"]
    ]
    return make_table(f"Rates by batch size on {title}", columns, rows)


def _rate(rates: Sequence[float] | None) -> Value:
    if not rates:
        return NOTHING
    low, high = MILLION.of(min(rates)), MILLION.of(max(rates))
    return Value(figure(MILLION.of(median(rates))), span(low, high), order=median(rates))


def _share(record: Record, rates: Sequence[float] | None, bytes_a_reading: int, of: str) -> Value:
    limit = (record["bandwidths"] or {}).get(of)
    if not rates or not limit:
        return NOTHING
    share = median(rates) * bytes_a_reading / limit
    return Value(percent(share), order=share, tone="warn" if share > 1 else "")


def _times(records: Sequence[Record], title: str) -> Table:
    columns = (
        Column("Implementation"),
        Column("Input"),
        Column("Batch", kind="number"),
        *(Column(name, "ns a reading", "number") for name in _SPENT.values()),
        Column("Kernels, of the copy", kind="number", meaning="Kernels alone, of copying as many bytes on the device"),
    )
    rows = [
        Row(
            (
                text(record["implementation"]),
                text(where),
                Value(f"{point['batch']:,}", order=point["batch"]),
                *(number(_nanoseconds(spent, name)) for name in _SPENT),
                _share(record, _kernel_rate(spent), record["bytes_per_reading"], "device_copy"),
            )
        )
        for record in records
        for point in record["points"]
        for where, spent in point["spent_s_per_reading"].items()
    ]
    return make_table(f"Where the device's time goes on {title}", columns, rows)


def _kernel_rate(spent: Mapping[str, Any]) -> list[float] | None:
    """Readings a second, if only the kernels took time."""
    return [1 / spent["kernel_s"]] if spent.get("kernel_s") else None


def _nanoseconds(spent: Mapping[str, Any], name: str) -> float | None:
    return spent[name] * 1e9 if name in spent else None


def _limits(record: Record) -> Pairs:
    pairs = [(name, f"{figure(record['bandwidths'][key] / 1e9)} GB/s") for key, name in _BANDWIDTHS.items()]
    if record["device_bytes"] is not None:
        pairs.append(("Device memory taken", quantity(BYTES, record["device_bytes"])))
    return Pairs(f"What the device allows, measured through {record['implementation']}", tuple(pairs))
