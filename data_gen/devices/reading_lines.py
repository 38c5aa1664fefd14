"""The text of heart-rate readings: a billion lines are put together from ready pieces of fixed width."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data_gen.chain.parameters import FIRST_DEVICE_ID
from data_gen.devices.heart_rate import NO_VALUE, Readings
from data_gen.writing.rows import joined, pick, whole
from data_gen.writing.topic import OFFSETS_A_DAY

LINES_AT_ONCE = 100_000
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
    """Writes readings as lines of the topic, at most `LINES_AT_ONCE` at a time, into memory of its own."""

    def __init__(self, end_of_line: str):
        self._memory = bytearray(LINES_AT_ONCE * _LINE.itemsize)
        self._lines = np.frombuffer(self._memory, _LINE)
        self._end = end_of_line
        self._write_constants(self._lines)

    def _write_constants(self, lines: np.ndarray) -> None:
        lines["begin"], lines["to_device"], lines["to_time"] = b'{"key":"', _TO_DEVICE, _TO_TIME
        lines["to_timestamp"], lines["end"] = _TO_TIMESTAMP, ("}" + self._end).encode()

    def bytes_of(self, readings: Readings, offset: np.ndarray) -> bytearray:
        """The lines of these readings one after another."""
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
        lines["day"] = _days(day)
        position = offset - day * OFFSETS_A_DAY
        high = position // _HALF
        lines["offset_high"] = _FOUR_DIGITS[high]
        lines["offset_low"] = _FIVE_DIGITS[position - high * _HALF]
        # Pieces shorter than their place are padded with zero bytes, and so are lines that are not there.
        rest = self._lines[n:]
        rest.view(np.uint8)[:] = 0
        written = self._memory.translate(None, b"\0")
        self._write_constants(rest)
        return written

    def lines(self, readings: Readings, offset: np.ndarray) -> pa.Array:
        """The same as an array of one text a line."""
        content = self.bytes_of(readings, offset)
        device_digits = np.where(readings.device + FIRST_DEVICE_ID >= 10_000_000, 8, 7)
        length = _LINE_LENGTH + len(self._end) + 2 * device_digits
        length = length + _VALUE_LENGTHS[readings.bpm - _LEAST_VALUE]
        length += np.where(readings.device % _SOMETIMES_FLOAT == 0, 2, 0)
        length += np.char.str_len(_days(offset // OFFSETS_A_DAY))
        ends = np.r_[0, np.cumsum(length)].astype(np.int32)
        return pa.StringArray.from_buffers(len(readings), pa.py_buffer(ends), pa.py_buffer(content))


_VALUE_LENGTHS = np.char.str_len(_VALUES)
_LINE_LENGTH = len('{"key":"') + len(_TO_DEVICE) + len(_TO_TIME) + 10 + 9 + len(_TO_TIMESTAMP) + 10 + len("}")


def _days(day: np.ndarray) -> np.ndarray:
    """Numbers of days as bytes; they are few, and those of neighbours are mostly the same."""
    first = int(day.min(initial=0))
    texts = np.array([str(each).encode() for each in range(first, int(day.max(initial=0)) + 1)], "S6")
    return texts[day - first]


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
