"""A column of a batch as an argument of a compiled loop: its address, length and stride, and nothing else.

Numba takes an array apart by a call into NumPy, counts a reference and makes a header: 0.2 microseconds an array,
which is half of what a batch of 1,000 readings takes in all. `Readings` has checked dtype and dimension already and
the caller holds the array as long as the call lasts, so three words are read from where NumPy's C interface puts them
for good (``PyArrayObject_fields``: data, nd, dimensions, strides behind the object header [1]_).

References
----------
.. [1] https://numpy.org/doc/stable/reference/c-api/types-and-structures.html#c.PyArrayObject
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import NativeValue, make_attribute_wrapper, models, register_model, unbox

_WORD = ir.IntType(64)
_HEADER_BYTES = object.__basicsize__
_DATA_AT, _DIMENSIONS_AT, _STRIDES_AT = (_HEADER_BYTES + words * 8 for words in (0, 2, 3))


class ColumnType(types.Type):  # type: ignore[misc]
    """A one-dimensional array of any dtype, read by address."""

    def __init__(self) -> None:
        super().__init__(name="Column")


COLUMN = ColumnType()


@register_model(ColumnType)
class _ColumnModel(models.StructModel):  # type: ignore[misc]
    def __init__(self, manager: Any, column: ColumnType) -> None:
        members = [("address", types.intp), ("length", types.intp), ("stride", types.intp)]
        super().__init__(manager, column, members)


for _name in ("address", "length", "stride"):
    make_attribute_wrapper(ColumnType, _name, _name)


@unbox(ColumnType)
def _unbox(column: ColumnType, array: ir.Value, frame: Any) -> NativeValue:
    builder = frame.builder
    start = builder.ptrtoint(array, _WORD)

    def word_at(address: ir.Value) -> ir.Value:
        return builder.load(builder.inttoptr(address, ir.PointerType(_WORD)), typ=_WORD)

    def field(offset: int) -> ir.Value:
        return word_at(builder.add(start, _WORD(offset)))

    given = cgutils.create_struct_proxy(column)(frame.context, builder)
    given.address = field(_DATA_AT)
    given.length = word_at(field(_DIMENSIONS_AT))
    given.stride = word_at(field(_STRIDES_AT))
    return NativeValue(given._getvalue())
