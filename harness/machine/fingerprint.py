"""The environment of a run: everything about a machine that its numbers depend on, as plain data.

It holds no host name, user name or path, so that results can be published.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, Self, TypeVar

from harness.machine.cpu import Cpu, read_cpu
from harness.machine.gpu import Gpu, read_gpus
from harness.machine.host import Host
from harness.machine.memory import Memory, read_memory
from harness.machine.software import Software, read_software
from harness.machine.system import System, read_system

SCHEMA = 1
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A machine and its software at one moment; what could not be read is None."""

    schema: int = SCHEMA
    cpu: Cpu = field(default_factory=Cpu)
    memory: Memory = field(default_factory=Memory)
    system: System = field(default_factory=System)
    gpus: tuple[Gpu, ...] = ()
    software: Software = field(default_factory=Software)

    def as_dict(self) -> dict[str, Any]:
        """As plain data that JSON can hold."""
        plain = asdict(self)
        plain["cpu"]["extensions"] = list(self.cpu.extensions)
        plain["gpus"] = [asdict(gpu) for gpu in self.gpus]
        plain["software"]["versions"] = dict(self.software.versions)
        plain["software"]["numba_layers"] = list(self.software.numba_layers)
        return plain

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """From plain data; what it lacks stays None, what is unknown to this version is left out."""
        return cls(
            schema=stored.get("schema", SCHEMA),
            cpu=_filled(Cpu, stored.get("cpu")),
            memory=_filled(Memory, stored.get("memory")),
            system=_filled(System, stored.get("system")),
            gpus=tuple(_filled(Gpu, gpu) for gpu in stored.get("gpus") or ()),
            software=_filled(Software, stored.get("software")),
        )


def fingerprint(host: Host | None = None) -> Fingerprint:
    """Read the machine below `host`, by default the one this runs on.

    Takes some tens of milliseconds, most of them for asking git; never raises.
    """
    host = host or Host()
    found = Fingerprint(cpu=read_cpu(host), memory=read_memory(host), system=read_system(host), gpus=read_gpus(host))
    return replace(found, software=read_software()) if host.live else found


def _filled(part: type[_T], stored: object) -> _T:
    if not isinstance(stored, Mapping) or not is_dataclass(part):
        return part()
    known = {item.name: stored[item.name] for item in fields(part) if item.name in stored}
    return part(**{name: tuple(value) if isinstance(value, list) else value for name, value in known.items()})
