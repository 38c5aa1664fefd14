"""The text of heart-rate readings: a billion lines are put together from ready pieces of fixed width."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import FIRST_DEVICE_ID
from data_gen.devices.heart_rate import NO_VALUE, Readings
from data_gen.writing.rows import joined, pick, whole
from data_gen.writing.topic import OFFSETS_A_DAY

LINES_AT_ONCE = 100_000
# So few that they stay in a processor's own memory while piece after piece is filled in.
_LINES_A_BLOCK = 4_096
_SOMETIMES_FLOAT = 3  # Every third device writes its times as floats.
_LEAST_VALUE = -10
_HALF = 100_000
_FIVE_DIGITS = np.array([f"{number:05}".encode() for number in range(_HALF)], "S5")
_UP_TO_THREE_DIGITS = np.array([str(number).encode() for number in range(1000)], "S3")
_FRACTIONS = np.array([b".0", b""], "S2")
_TO_DEVICE, _TO_TIME = '","value":"{\\"device_id\\": ', ', \\"time\\": '
_TO_VALUE, _TO_OFFSET, _TO_TIMESTAMP = (
    ', \\"heartrate\\": ',
    '}","topic":"bpm","partition":0,"offset":',
    ',"timestamp":',
)
_VALUE_TEXTS = [*(f"{bpm}.0" for bpm in range(_LEAST_VALUE, NO_VALUE)), "null"]
_VALUES = np.array([f"{_TO_VALUE}{value}{_TO_OFFSET}".encode() for value in _VALUE_TEXTS])
_LINE = np.dtype(
    [
        ("begin", "S8"), ("key_high", "S3"), ("key_low", "S5"), ("to_device", f"S{len(_TO_DEVICE)}"), ("high", "S3"),
        ("low", "S5"), ("to_time", f"S{len(_TO_TIME)}"), ("time_high", "S5"), ("time_low", "S5"), ("fraction", "S2"),
        ("value", _VALUES.dtype), ("day", "S6"), ("offset_high", "S4"), ("offset_low", "S5"),
        ("to_timestamp", f"S{len(_TO_TIMESTAMP)}"), ("stamp_high", "S5"), ("stamp_low", "S5"), ("end", "S3"),
    ]
)  # fmt: skip
_FOUR_DIGITS = np.array([f"{number:04}".encode() for number in range(10_000)], "S4")


class ReadingLines:
    """Writes readings as lines of the topic, a block at a time, into memory of its own."""

    def __init__(self, end_of_line: str):
        self._memory = bytearray(_LINES_A_BLOCK * _LINE.itemsize)
        self._lines = np.frombuffer(self._memory, _LINE)
        self._end = end_of_line
        lines = self._lines
        lines["begin"], lines["to_device"], lines["to_time"] = b'{"key":"', _TO_DEVICE, _TO_TIME
        lines["to_timestamp"], lines["end"] = _TO_TIMESTAMP, ("}" + self._end).encode()

    def pieces(self, readings: Readings, offset: np.ndarray) -> Iterator[bytearray]:
        """The lines of these readings, some thousands in each piece."""
        for first in range(0, len(readings), _LINES_A_BLOCK):
            block = slice(first, first + _LINES_A_BLOCK)
            yield self._block(readings.where(block), offset[block])

    def _block(self, readings: Readings, offset: np.ndarray) -> bytearray:
        n = len(readings)
        lines = self._lines[:n]
        device = readings.device + FIRST_DEVICE_ID
        high = device // _HALF
        lines["high"] = lines["key_high"] = _UP_TO_THREE_DIGITS[high]
        lines["low"] = lines["key_low"] = _FIVE_DIGITS[device - high * _HALF]
        high = readings.time // _HALF
        lines["time_high"] = lines["stamp_high"] = _FIVE_DIGITS[high]
        lines["time_low"] = lines["stamp_low"] = _FIVE_DIGITS[readings.time - high * _HALF]
        lines["fraction"] = _FRACTIONS[(readings.device % _SOMETIMES_FLOAT != 0).astype(np.int8)]
        lines["value"] = _VALUES[readings.bpm - _LEAST_VALUE]
        day = offset // OFFSETS_A_DAY
        lines["day"] = _each_day(day, lambda each: str(each).encode())
        position = offset - day * OFFSETS_A_DAY
        high = position // _HALF
        lines["offset_high"] = _FOUR_DIGITS[high]
        lines["offset_low"] = _FIVE_DIGITS[position - high * _HALF]
        written = self._memory if n == _LINES_A_BLOCK else self._memory[: n * _LINE.itemsize]
        # Pieces shorter than their place are padded with zero bytes.
        return written.translate(None, b"\0")

    def ends(self, readings: Readings, offset: np.ndarray) -> np.ndarray:
        """Where each line ends when these lines stand one after another; zero before the first."""
        long_ids = readings.device >= _LONGER_FROM
        length = _VALUE_LENGTHS[readings.bpm - _LEAST_VALUE] + 2 * long_ids
        length += 2 * (readings.device % _SOMETIMES_FLOAT == 0)
        length += _each_day(offset // OFFSETS_A_DAY, lambda day: len(str(day))) + len(self._end)
        return np.r_[0, np.cumsum(length)]


# A device's id has seven digits or, from some position on, eight.
_LONGER_FROM = 10_000_000 - FIRST_DEVICE_ID
_LINE_LENGTH = len('{"key":"') + 14 + len(_TO_DEVICE) + len(_TO_TIME) + 10 + 9 + len(_TO_TIMESTAMP) + 10 + len("}")
# Of the whole line but its offset's day and its end, by value.
_VALUE_LENGTHS = np.char.str_len(_VALUES) + _LINE_LENGTH


def _each_day(day: np.ndarray, value: Callable[[int], bytes | int]) -> np.ndarray:
    """`value` of each day; days are few, and those of neighbours are mostly the same."""
    first = int(day.min(initial=0))
    return np.array([value(each) for each in range(first, int(day.max(initial=0)) + 1)])[day - first]


def damaged_lines(good: Readings, column: str, value: str) -> tuple[pa.Array, pa.Array]:
    """What stands before and behind the offset in lines of readings whose field `column` holds `value`."""
    time, device = whole(good.time), whole(good.device + FIRST_DEVICE_ID)
    fields = {
        "device_id": device,
        "time": joined(time, pick([".0", ""], (good.device % _SOMETIMES_FLOAT != 0).astype(np.int64))),
        "heartrate": pick(_VALUE_TEXTS, good.bpm.astype(np.int64) - _LEAST_VALUE),
        column: value,
    }
    before = joined(
        '{"key":"', device, _TO_DEVICE, fields["device_id"], _TO_TIME, fields["time"], _TO_VALUE, fields["heartrate"],
        _TO_OFFSET,
    )  # fmt: skip
    return before, joined(_TO_TIMESTAMP, time, "}")
