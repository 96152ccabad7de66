"""What lies there is found, one of a name; nothing is imported for it."""

import importlib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from harness import discovery
from harness.classes import files_with
from harness.discovery import distinct_workloads, entries, find
from harness.errors import ContractError, UsageError

STEADY, SIMD = entries("workloads")["steady"], entries("processors")["simd"]
WORKLOADS = {
    "plain": "from harness.contract import Workload\nclass Own(Workload):\n    pass\n",
    "mixed_in": "class Own(Workload, Mixin):\n    pass\n",
    "wrapped": "class Own(\n    Mixin,\n    Workload,\n):\n    pass\n",
    "with_keyword": "class Own(Workload, metaclass=Meta, how='well'):\n    pass\n",
    "qualified": "import harness.contract as contract\nclass Own(contract.Workload):\n    pass\n",
    "renamed": "from harness.contract import Workload as Base\nclass Own(Base):\n    pass\n",
    "derived": "from workloads.private_base import _Shared\nclass Own(_Shared):\n    pass\n",
    "latin": "# -*- coding: latin-1 -*-\n# \xe9t\xe9\nclass Own(Workload):\n    pass\n",
    "conditional": "if True:\n    class Own(Workload):\n        pass\n",
    "broken": "class Own(:\n",
}
OTHERS = {
    "private_base": "class _Shared(Workload):\n    pass\n",
    "said": '"""Shared by every\nclass Own(Workload):\n"""\n',
    "helper": "from harness.contract import Workload\nclass Helper(Other):\n    made: Workload\n",
}


def test_files_with_a_workload_are_told_from_their_helpers(tmp_path: Path) -> None:
    for name, text in {**WORKLOADS, **OTHERS}.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="latin-1")
    (tmp_path / "no_text.py").write_bytes(b"\xff\xfe\x00class")
    found = files_with("Workload", sorted(tmp_path.glob("*.py")))
    assert {path.stem for path in found} == {*WORKLOADS, "no_text"}


def test_a_file_that_cannot_be_read_is_listed_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "no_text.py").write_bytes(b'"""\xff"""')
    package = importlib.import_module("workloads")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    entry = entries.__wrapped__("workloads")["no_text"]
    assert entry.summary == "cannot be read as Python"


@pytest.fixture
def simd_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("simd", "their_package:Own", "sensorbench.processors")
    monkeypatch.setattr(discovery, "entry_points", lambda group: [point] if group == point.group else [])


@pytest.mark.usefixtures("simd_of_another")
def test_a_package_that_brings_a_name_which_is_there_is_refused() -> None:
    with pytest.raises(ContractError, match=r"two processors are called 'simd', .*simd\.py and their_package:Own"):
        entries.__wrapped__("processors")
    assert "steady" in entries.__wrapped__("workloads")


@pytest.mark.parametrize(("kind", "name"), [("processors", "naive"), ("channels", "queue"), ("workloads", "steady")])
def test_a_loose_file_called_as_one_that_is_there_is_refused(kind: discovery.Kind, name: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.py").write_text("")
    with pytest.raises(UsageError, match=f"two are called '{name}', .* rename one of the files"):
        find(kind, str(tmp_path / f"{name}.py"))


def test_the_file_of_one_that_is_there_is_that_one() -> None:
    assert find("processors", f"{SIMD.path}[block_size=512]") == find("processors", "simd[block_size=512]")
    assert distinct_workloads([str(STEADY.path), "steady"]) == ("steady",)
