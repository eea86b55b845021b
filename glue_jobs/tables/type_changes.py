"""Says which type of a stored column may become which other without a change of any value, and how."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    ShortType,
    StringType,
    StructType,
    TimestampType,
)

# Whole numbers from the narrowest, with the most digits that one has.
_WHOLE: dict[type[DataType], int] = {ByteType: 3, ShortType: 5, IntegerType: 10, LongType: 19}
# A double holds every whole number of 53 bits, a float of 24.
_EXACT: dict[type[DataType], tuple[type[DataType], ...]] = {
    FloatType: (ByteType, ShortType),
    DoubleType: (ByteType, ShortType, IntegerType, FloatType),
}
_AS_TEXT = (BooleanType, DateType, DecimalType, DoubleType, FloatType, TimestampType, *_WHOLE)


def widens(old: DataType, new: DataType) -> bool:
    """Whether every value of `old` is, unchanged, a value of `new`.

    A struct may gain fields and widen those that it has; fields are matched by name.
    """
    if isinstance(old, StructType) and isinstance(new, StructType):
        fields = {f.name: f.dataType for f in new.fields}
        return all(f.name in fields and widens(f.dataType, fields[f.name]) for f in old.fields)
    if isinstance(old, ArrayType) and isinstance(new, ArrayType):
        return widens(old.elementType, new.elementType)
    if isinstance(old, MapType) and isinstance(new, MapType):
        same_keys = old.keyType.simpleString() == new.keyType.simpleString()
        return same_keys and widens(old.valueType, new.valueType)
    return old.simpleString() == new.simpleString() or _widens_plain(old, new)


def _widens_plain(old: DataType, new: DataType) -> bool:
    kind, target = type(old), type(new)
    if target is StringType:
        return kind in _AS_TEXT
    if isinstance(new, DecimalType):
        if isinstance(old, DecimalType):
            return new.scale >= old.scale and new.precision - new.scale >= old.precision - old.scale
        return kind in _WHOLE and new.precision - new.scale >= _WHOLE[kind]
    if kind in _WHOLE and target in _WHOLE:
        return _WHOLE[kind] <= _WHOLE[target]
    return kind in _EXACT.get(target, ()) or (kind is DateType and target is TimestampType)


def converted(value: Column, old: DataType, new: DataType) -> Column:
    """A stored value as the wider type. A struct is built field by field: a cast would go by position."""
    if old.simpleString() == new.simpleString():
        return value
    if isinstance(old, StructType) and isinstance(new, StructType):
        fields = {f.name: f.dataType for f in old.fields}
        parts = [
            converted(value.getField(f.name), fields[f.name], f.dataType).alias(f.name)
            if f.name in fields
            else F.lit(None).cast(f.dataType).alias(f.name)
            for f in new.fields
        ]
        return F.when(value.isNotNull(), F.struct(*parts))
    if isinstance(old, ArrayType) and isinstance(new, ArrayType):
        element, wider = old.elementType, new.elementType
        return F.transform(value, lambda item: converted(item, element, wider))
    if isinstance(old, MapType) and isinstance(new, MapType):
        kind, wide = old.valueType, new.valueType
        return F.transform_values(value, lambda _, item: converted(item, kind, wide))
    return value.cast(new)
