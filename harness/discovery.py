"""Names to classes: an implementation or a workload is found by being there.

Three places are looked into, none of them a list to edit: the package folders, the entry-point groups
``sensorbench.processors``, ``sensorbench.channels`` and ``sensorbench.workloads`` of installed packages, and a
loose file named by its path.
"""

import ast
import hashlib
import importlib
import importlib.util
import inspect
import json
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Literal

from harness.classes import files_with
from harness.contract import Approach, Channel, Processor, Workload, parameters_of
from harness.contract.parameters import Value
from harness.errors import ContractError, InputError, UnknownNameError, UsageError, meant

Kind = Literal["processors", "channels", "workloads"]
_EXPECTED: dict[type, tuple[str, tuple[type, ...]]] = {
    bool: ("true or false", (bool,)),
    int: ("a whole number", (int,)),
    float: ("a number", (int, float)),
    str: ("text", (str,)),
}
"""What a parameter may be given, by the type of its default."""

_PACKAGES: dict[Kind, str] = {
    "processors": "implementations.processors",
    "channels": "implementations.channels",
    "workloads": "workloads",
}
_BASES: dict[Kind, type] = {"processors": Processor, "channels": Channel, "workloads": Workload}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something found: its name and where it is, nothing imported yet.

    Parameters
    ----------
    kind : "processors", "channels" or "workloads"
    name : str
        The file stem, or the entry point's name.
    reference : str
        ``module:NAME``, ``file:PATH`` or ``entry:MODULE:CLASS``; what a worker needs to load it.
    parameters : mapping
        Constructor arguments that differ from the defaults.
    """

    kind: Kind
    name: str
    reference: str
    parameters: Mapping[str, Value] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name with its parameters, as a user writes it: ``simd[block_size=512]``."""
        if not self.parameters:
            return self.name
        return f"{self.name}[{','.join(f'{key}={_written(value)}' for key, value in self.parameters.items())}]"

    @property
    def summary(self) -> str:
        """The first line of its docstring, read without importing it."""
        path = self.path
        if path is None:
            return ""
        try:
            text = ast.get_docstring(ast.parse(path.read_bytes())) or ""
        except (SyntaxError, OSError, ValueError):
            return "cannot be read as Python"
        return text.partition("\n")[0]

    @property
    def path(self) -> Path | None:
        """Its source file, where that is known without an import."""
        kind, _, rest = self.reference.partition(":")
        if kind == "file":
            return Path(rest)
        spec = importlib.util.find_spec(rest) if kind == "module" else None
        return Path(spec.origin) if spec is not None and spec.origin else None


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def entries(kind: Kind) -> Mapping[str, Entry]:
    """Everything of `kind` in the folders and entry points, by name, sorted; imports nothing found.

    Workload modules that define no workload (shared readers, generators) are left out.

    Raises
    ------
    ContractError
        If two have one name: a proof and a figure belong to a name.
    """
    package = importlib.import_module(_PACKAGES[kind])
    found: dict[str, Entry] = {}
    for folder in package.__path__:
        paths = [path for path in Path(folder).glob("*.py") if not path.stem.startswith("_")]
        for path in files_with(Workload.__name__, paths) if kind == "workloads" else paths:
            found[path.stem] = Entry(kind, path.stem, f"module:{_PACKAGES[kind]}.{path.stem}")
    for point in entry_points(group=f"sensorbench.{kind}"):
        entry = Entry(kind, point.name, f"entry:{point.value}")
        other = found.setdefault(point.name, entry)
        if other.reference != entry.reference:
            package_name = point.dist.name if point.dist else "an installed package"
            raise ContractError(
                f"two {kind} are called {point.name!r}, {other.path or other.reference} and {point.value} of "
                f"{package_name}; rename the file, or uninstall the package or rename its entry point"
            )
    return dict(sorted(found.items()))


def find(kind: Kind, text: str) -> Entry:
    """The entry that `text` names: a name or a path to a file, with parameters in brackets behind it.

    Raises
    ------
    UnknownNameError
        If nothing answers to the name; the message suggests the nearest.
    UsageError
        If the parameters cannot be read, or a file is called as another of its kind that is there without it.
    """
    if text.count("[") > text.count("]"):
        raise UsageError(f"{text!r}: a ] is missing behind the parameters; write it like simd[block_size=512]")
    match = re.fullmatch(r"(?P<name>.*?)(?:\[(?P<parameters>[^\[\]]*)\])?", text.strip())
    name = match.group("name") if match else text
    parameters = _parameters(text, match.group("parameters") or "") if match else {}
    if name.endswith(".py") or "/" in name:
        path = Path(name).expanduser().resolve()
        if not path.is_file():
            raise InputError(f"{name}: no such file; expected a Python file with one {_BASES[kind].__name__} class")
        return _of_file(kind, path, parameters)
    known = entries(kind)
    if name not in known:
        hint = meant(name, known, "known are " + ", ".join(known), cutoff=0.5)
        raise UnknownNameError(f"no {kind[:-1]} is called {name!r}; {hint} ('sensorbench list' shows all)")
    entry = known[name]
    return Entry(kind, entry.name, entry.reference, parameters)


def _of_file(kind: Kind, path: Path, parameters: Mapping[str, Value]) -> Entry:
    """The entry of a loose file; one of the folders' own is what goes by its name."""
    known = entries(kind).get(path.stem)
    if known is None:
        return Entry(kind, path.stem, f"file:{path}", parameters)
    if known.path is None or known.path.resolve() != path:
        raise UsageError(
            f"two are called {path.stem!r}, {known.path or known.reference} and {path}; "
            "a proof and a figure belong to a name: rename one of the files"
        )
    return Entry(kind, known.name, known.reference, parameters)


def _parameters(text: str, inside: str) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for part in filter(None, (piece.strip() for piece in inside.split(","))):
        key, equals, value = part.partition("=")
        if not equals or not key.strip().isidentifier():
            raise UsageError(f"{text!r}: {part!r} is not name=value; write it like simd[block_size=512]")
        try:
            decoded = json.loads(value)
        except ValueError:
            decoded = {"True": True, "False": False}.get(value.strip(), value.strip())
        if not isinstance(decoded, int | float | str | bool):
            raise UsageError(f"{text!r}: {value!r} is no number, text or true/false; write it like block_size=512")
        if key.strip() in found:
            raise UsageError(f"{text!r}: {key.strip()} is given twice; give it once")
        found[key.strip()] = decoded
    return found


def load(entry: Entry) -> type:
    """Import the class of `entry` and check that it is one of its kind and takes its parameters.

    A switch among a processor's parameters may put another class in its place: then it is that one.

    Raises
    ------
    InputError
        If the file cannot be imported.
    ContractError
        If it does not define exactly one class of the kind, or the class leaves a method out.
    UsageError
        If a given parameter does not exist or is out of its range.
    """
    base = _BASES[entry.kind]
    form, _, rest = entry.reference.partition(":")
    module_name, _, class_name = rest.partition(":") if form == "entry" else (rest, "", "")
    try:
        module = _import_file(Path(rest)) if form == "file" else importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        where = Path(rest).name if form == "file" else module_name
        raise InputError(f"{where} cannot be imported: {type(error).__name__}: {error}; mend the file") from error
    found = getattr(module, class_name, None) if class_name else _only_class(module, base, entry.name)
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ContractError(f"{entry.reference} is no {base.__name__} class; expected one")
    if issubclass(found, Processor):
        found = _in_its_place(found, entry.parameters)
        if found.threads not in ("one", "many") or not isinstance(found.approach, Approach):
            raise ContractError(f'{entry.name}: expected threads "one" or "many" and an approach of Approach')
    if inspect.isabstract(found):
        missing = ", ".join(sorted(getattr(found, "__abstractmethods__", ())))
        raise ContractError(f"{entry.name}: class {found.__name__} leaves out {missing}; define them")
    if base is not Workload:  # a workload takes a file at most, and is not tuned
        _check_parameters(entry, found)
    elif entry.parameters:
        raise UsageError(f"workload {entry.name} has no parameters; write it like {entry.name}")
    return found


def workload(text: str, sensors_path: str | None = None) -> tuple[str, Workload]:
    """The label and an instance of the workload that `text` names: ``steady``, ``replay:FILE`` or a path.

    `sensors_path` goes to a workload whose constructor takes one (a recording's sensor table).

    Raises
    ------
    UsageError
        If a workload that needs a file was named without one, or one that takes none with one.
    """
    name, colon, argument = _split(text)
    entry = find("workloads", name)
    made = load(entry)
    needs_argument = any(
        parameter.default is inspect.Parameter.empty for parameter in inspect.signature(made).parameters.values()
    )
    if needs_argument and not argument:
        raise UsageError(f"workload {name} needs a file; write it like {name}:FILE")
    if colon and not needs_argument:
        raise UsageError(f"workload {name} takes no file; write it like {name}")
    takes_table = "sensors_path" in inspect.signature(made).parameters
    keywords = {"sensors_path": Path(sensors_path)} if sensors_path and takes_table else {}
    instance = made(*([Path(argument).expanduser()] if argument else []), **keywords)
    if not isinstance(instance, Workload):
        raise ContractError(f"{text!r} is no Workload")
    return _label(entry, argument), instance


def distinct_workloads(texts: Iterable[str]) -> tuple[str, ...]:
    """Each of the workloads that `texts` name once, in their order, paths made absolute; nothing is imported.

    Raises
    ------
    UsageError
        If two different ones have one label: figures belong to a label.
    UnknownNameError, InputError
        If there is no such workload.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, colon, argument = _split(text)
        entry = find("workloads", name)
        where = str(entry.path) if entry.reference.startswith("file:") else entry.name
        named = where + colon + (str(Path(argument).expanduser().absolute()) if argument else "")
        label = _label(entry, argument)
        other = found.setdefault(label, named)
        if other != named:
            raise UsageError(f"two workloads are called {label!r}, {other} and {named}; rename one of the files")
    return tuple(found.values())


def _split(text: str) -> tuple[str, str, str]:
    """Name, colon and file of a workload as a user writes it."""
    return (text, "", "") if text.endswith(".py") and ":" not in text else text.partition(":")


def _label(entry: Entry, argument: str) -> str:
    return f"{entry.name}:{Path(argument).name}" if argument else entry.name


def _in_its_place(found: type[Processor], parameters: Mapping[str, Value]) -> type[Processor]:
    return next((other for switch, other in found.in_its_place.items() if parameters.get(switch) is True), found)


def _check_parameters(entry: Entry, found: type) -> None:
    known = parameters_of(found)
    for key, value in entry.parameters.items():
        if key not in known:
            hint = meant(key, known, f"it has {', '.join(known) or 'none'}")
            raise UsageError(f"{entry.label} has no parameter {key!r}; {hint}")
        range_ = known[key].range
        if range_ is not None and not range_.contains(value):
            raise UsageError(f"{entry.name}[{key}={value!r}] is out of range; expected {range_}")
        expected = _EXPECTED.get(type(known[key].default))
        if expected is not None and (type(value) not in expected[1] or value != value):
            raise UsageError(f"{entry.name}[{key}={value!r}] is of another kind; expected {expected[0]}")


def _import_file(path: Path) -> ModuleType:
    name = f"sensorbench_loose_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _only_class(module: ModuleType, base: type, name: str) -> type:
    defined = [
        item
        for item in vars(module).values()
        if isinstance(item, type)
        and issubclass(item, base)
        and item.__module__ == module.__name__
        and not item.__name__.startswith("_")
    ]
    if len(defined) != 1:
        given = ", ".join(item.__name__ for item in defined) or "none"
        raise ContractError(f"{name}: defines {given}; expected exactly one {base.__name__} class in the file")
    return defined[0]
