"""How many of each defect: the kinds, their usual rates, and the presets off, default and heavy."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from gymhouse.console import Problem

# kind: (share of the table's rows, at least this many where there are rows enough)
RATES = MappingProxyType(
    {
        # of every table
        "exact_duplicate": (0.002, 2),
        "late_row": (0.002, 2),
        "broken_type": (0.0002, 1),
        "missing_key": (0.0002, 1),
        # of files
        "file_shape": (1.0, 1),
        "malformed_line": (0.00002, 3),
        "malformed_payload": (0.00002, 1),
        "unknown_topic": (0.00002, 3),
        # registrations and logins
        "registration_repeated": (0.01, 2),
        "logout_corrected": (0.01, 3),
        "logout_before_login": (0.004, 2),
        "unregistered_mac": (0.01, 3),
        "unmapped_gym": (0.005, 3),
        # profile changes
        "out_of_order_change": (0.02, 3),
        "same_second_change": (0.01, 2),
        "unknown_update_type": (0.005, 1),
        # workouts
        "workout_without_stop": (0.008, 2),
        "workout_without_start": (0.008, 2),
        "workout_too_long": (0.008, 2),
        "workout_just_short_enough": (0.002, 1),
        "unknown_member": (0.005, 2),
        "unknown_action": (0.005, 2),
        # heart rates
        "heart_rate_zero": (0.0003, 5),
        "heart_rate_negative": (0.0002, 3),
        "heart_rate_255": (0.0003, 5),
        "heart_rate_null": (0.0003, 5),
        "heart_rate_outside_limits": (0.0002, 4),
        "heart_rate_at_limits": (0.0002, 4),
        "unregistered_device": (0.0005, 20),
        # lifelog
        "lifelog_out_of_range": (0.001, 1),
        "lifelog_at_limits": (0.001, 1),
        "lifelog_negative": (0.001, 2),
        # memberships
        "unmapped_plan": (0.002, 2),
        "unmapped_reason": (0.03, 2),
        "unknown_event_type": (0.001, 1),
        "ended_before_started": (0.001, 1),
        "negative_price": (0.0005, 1),
        "orphan_payment": (0.001, 2),
        # shop
        "sku_variant": (0.05, 8),
        "unmapped_sku": (0.004, 3),
        "non_positive_quantity": (0.002, 2),
        "orphan_refund": (0.01, 1),
        # classes, facilities and questionnaires
        "unmapped_class_type": (0.002, 2),
        "ends_before_start": (0.001, 2),
        "orphan_booking": (0.001, 2),
        "second_access": (0.01, 2),
        "orphan_feedback": (0.01, 2),
        "rating_out_of_range": (0.01, 2),
        # machines and what they send
        "unmapped_machine_type": (0.006, 1),
        "equipment_too_long": (0.001, 2),
        "equipment_backward": (0.001, 2),
        "unknown_machine": (0.002, 2),
    }
)
PRESETS = MappingProxyType({"off": 0.0, "default": 1.0, "heavy": 10.0})


@dataclass(frozen=True)
class DefectPlan:
    """A preset and rates that replace its own for some kinds."""

    preset: str = "default"
    rates: tuple[tuple[str, float], ...] = ()

    @classmethod
    def parse(cls, text: str) -> DefectPlan:
        """Read `PRESET`, `KIND=RATE,…` or `PRESET,KIND=RATE,…`; rates are shares of a table's rows.

        Raises `Problem` on an unknown preset or kind and on a rate outside 0–0.2.
        """
        preset, rates = "default", {}
        for position, part in enumerate(part.strip() for part in text.split(",")):
            kind, is_rate, rate = part.partition("=")
            if not is_rate and position == 0 and part in PRESETS:
                preset = part
            elif is_rate and kind in RATES:
                rates[kind] = _rate(kind, rate)
            else:
                raise Problem(
                    f"--defects: cannot read {part!r}.",
                    f"Begin with one of {', '.join(PRESETS)}; then KIND=RATE with a kind of: {', '.join(RATES)}.",
                )
        return cls(preset, tuple(sorted(rates.items())))

    def rate(self, kind: str) -> float:
        """The share of a table's rows that get a defect of `kind`."""
        usual, _ = RATES[kind]
        return dict(self.rates).get(kind, usual * PRESETS[self.preset])

    def at_least(self, kind: str) -> int:
        """How many of `kind` the whole chain has, where there are rows enough."""
        return RATES[kind][1] if self.rate(kind) > 0 else 0

    def count(self, kind: str, rows: int) -> int:
        """How many defects of `kind` all `rows` rows of a table get together."""
        return min(rows, max(self.at_least(kind), round(self.rate(kind) * rows)))

    def as_json(self) -> dict:
        """The plan as the answer key carries it."""
        return {"preset": self.preset, "rates": dict(self.rates)}


def _rate(kind: str, text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= 0.2:
        raise Problem(f"--defects: {kind}={text} is not a rate.", "Give a share of the table's rows between 0 and 0.2.")
    return rate
