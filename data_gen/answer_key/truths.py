"""All true tables of the answer key."""

from __future__ import annotations

from data_gen.answer_key import heart_rate, profiles, stays, visits, workouts
from data_gen.answer_key.truth_table import AsOf, Collected, Truth
from data_gen.app import events
from data_gen.club import attendance, lifetime_truth, recurring_truth, revenue_truth, status_truth
from data_gen.devices import equipment
from data_gen.feedback import class_feedback
from data_gen.shop import revenue

TRUTHS: tuple[Truth | AsOf | Collected, ...] = (
    profiles.AS_OF,
    stays.TRUTH,
    workouts.TRUTH,
    heart_rate.TRUTH,
    heart_rate.ALL_WORKOUTS,
    heart_rate.AS_OF,
    *status_truth.TRUTHS,
    *recurring_truth.TRUTHS,
    revenue_truth.TRUTH,
    *lifetime_truth.TRUTHS,
    *visits.TRUTHS,
    *attendance.TRUTHS,
    class_feedback.TRUTH,
    equipment.TRUTH,
    revenue.TRUTH,
    events.TRUTH,
)
