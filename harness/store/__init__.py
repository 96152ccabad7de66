"""Durable results: an append-only file of checked lines in a run's folder, and small files replaced whole.

``Store.create`` and ``Store.open`` write (one process at a time), ``read`` only looks. A record is a mapping with
a ``kind``; what the kinds mean is for their writers to say.
"""

from harness.store.encoding import decode, encode
from harness.store.lines import Damage
from harness.store.moment import moment
from harness.store.store import CELLS_NAME, MANIFEST_NAME, Contents, Record, Store, read
from harness.store.whole import read_json, write_json, write_whole

__all__ = [
    "CELLS_NAME",
    "MANIFEST_NAME",
    "Contents",
    "Damage",
    "Record",
    "Store",
    "decode",
    "encode",
    "moment",
    "read",
    "read_json",
    "write_json",
    "write_whole",
]
