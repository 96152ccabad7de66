"""Messages between parent and worker: a JSON object and named arrays, framed on a socket. No pickle.

A frame is a fixed head (magic, the session's token, sequence number, bytes of JSON), the JSON, then the raw arrays
in the order in which the JSON describes them. A frame that does not fit is a ProtocolError: whatever an
implementation prints or writes is never taken for an answer.
"""

import json
import math
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from socket import socket
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import SensorbenchError

Arrays = Mapping[str, NDArray[Any]]
_HEAD = struct.Struct("<8s16sQI")
_MAGIC = b"SBFRAME\n"
_MAX_JSON_BYTES = 1 << 28
_MAX_ARRAY_BYTES = 1 << 33
TOKEN_BYTES = 16


class ProtocolError(SensorbenchError):
    """Bytes on the socket that no peer of ours has sent."""


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """JSON values and named arrays."""

    values: Mapping[str, Any]
    arrays: Arrays = field(default_factory=dict)


@dataclass(slots=True)
class Line:
    """One end of the socket: counts frames in both directions and blocks until a frame is whole.

    Parameters
    ----------
    socket : socket
    token : bytes
        The session's own, `TOKEN_BYTES` long.
    frame_s : float or None
        What one frame may take, in either direction, until its last byte; None for as long as it takes.
    """

    socket: socket
    token: bytes
    frame_s: float | None = None
    sent: int = 0
    received: int = 0

    def send(self, message: Message) -> None:
        """Send one frame; all of it is encoded before its first byte goes.

        Raises
        ------
        TypeError, ValueError
            If the message holds what neither JSON nor an array can carry; nothing was sent.
        TimeoutError
            If the other side does not take it within `frame_s`.
        """
        arrays = {name: np.ascontiguousarray(array) for name, array in message.arrays.items()}
        described = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
        body = json.dumps({"values": dict(message.values), "arrays": described}).encode()
        frame: list[Any] = [_HEAD.pack(_MAGIC, self.token, self.sent, len(body)) + body]
        frame += [array.reshape(-1).view(np.uint8).data for array in arrays.values() if array.nbytes]
        ends_s = self._ends_s()
        for part in frame:
            self._allow_until(ends_s)
            self.socket.sendall(part)
        self.sent += 1

    def receive(self) -> Message:
        """Receive one frame.

        Raises
        ------
        EOFError
            If the other side is gone.
        ProtocolError
            If the bytes are no frame of this session, or frames are missing or doubled.
        TimeoutError
            If it is not whole within `frame_s`, however steadily it comes in.
        """
        ends_s = self._ends_s()
        magic, token, number, body_bytes = _HEAD.unpack(self._take(_HEAD.size, ends_s))
        if magic != _MAGIC or token != self.token or number != self.received or body_bytes > _MAX_JSON_BYTES:
            raise ProtocolError("a forged or damaged message came over the worker's socket")
        try:
            body = json.loads(bytes(self._take(body_bytes, ends_s)))
            arrays = {str(name): self._take_array(dtype, tuple(shape), ends_s) for name, dtype, shape in body["arrays"]}
            message = Message(dict(body["values"]), arrays)
        except (ValueError, TypeError, KeyError) as error:
            raise ProtocolError(f"a damaged message came over the worker's socket ({error})") from error
        self.received += 1
        return message

    def _take_array(self, dtype_text: str, shape: tuple[int, ...], ends_s: float) -> NDArray[Any]:
        dtype = np.dtype(dtype_text)
        if dtype.hasobject or int(np.prod(shape, dtype=np.float64)) * dtype.itemsize > _MAX_ARRAY_BYTES:
            raise ValueError(f"array of {dtype} and shape {shape}")
        array = np.empty(shape, dtype)
        if array.nbytes:
            self._fill(array.reshape(-1).view(np.uint8).data, ends_s)
        return array

    def _take(self, count: int, ends_s: float) -> bytearray:
        buffer = bytearray(count)
        self._fill(memoryview(buffer), ends_s)
        return buffer

    def _fill(self, view: memoryview, ends_s: float) -> None:
        while view:
            self._allow_until(ends_s)
            count = self.socket.recv_into(view)
            if not count:
                raise EOFError("the other side closed the socket")
            view = view[count:]

    def _ends_s(self) -> float:
        """When a frame that begins now must be whole, by the monotonic clock."""
        return math.inf if self.frame_s is None else time.monotonic() + self.frame_s

    def _allow_until(self, ends_s: float) -> None:
        """Let the next step on the socket take what is left of the frame's time."""
        if ends_s < math.inf:
            left_s = ends_s - time.monotonic()
            if left_s <= 0:
                raise TimeoutError("the frame's time is over")
            self.socket.settimeout(left_s)
