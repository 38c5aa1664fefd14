"""What members answer to the questionnaire that follows a class, and the true scores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.answer_key.truth_table import Truth
from data_gen.chain.days import Days
from data_gen.chain.parameters import FIRST_UNKNOWN_USER_ID, FIRST_USER_ID, GYMS
from data_gen.club import class_check_ins
from data_gen.club.attendance import dates
from data_gen.club.instructors import FIRST_INSTRUCTOR_ID, draw_instructors
from data_gen.club.schedule import Schedule
from data_gen.people.members import emails
from data_gen.writing.defects import Defects
from data_gen.writing.ledger import FLAGGED, QUARANTINED
from data_gen.writing.numbers import numbered
from data_gen.writing.rows import Rows, joined, pick, utc_text, whole
from data_gen.writing.spoil import Shape
from data_gen.writing.stream import Stream

if TYPE_CHECKING:
    from data_gen.chain.world import World

TABLE = "feedback.class_feedback"
SHAPE = Shape(
    table=TABLE,
    keys=("response_id", "class_session_id"),
    must=("response_id", "class_session_id"),
    broken=(("rating", "five stars"), ("submitted_at", "after class")),
)
FIRST_RESPONSE_ID = 50_000_001
PROMOTERS_FROM, DETRACTORS_TO = 9, 6
_ANSWERS = 0.06
_SAYS_SOMETHING = 0.4
_IMPOSSIBLE = (0, 6, 11)
_COMMENTS = (
    ("Too crowded, could not find a mat.", "Music far too loud.", "Started late again.", "Not for beginners!"),
    ("It was fine.", "Good class, small room.", "A bit short, but OK.", "Showers were cold, class was good."),
    (
        "Best hour of my week!",
        'As we say: "no pain, no gain"',
        "Great energy, see you on Monday.",
        "More of this, please.",
    ),
)
_COMMENTS_WITH_NAMES = (
    "{} at the desk was so kind.",
    "Thanks to {}, who lent me a towel.",
    "My friend {} loved it, too.",
)


@dataclass(frozen=True)
class Answers:
    """One element an answer; `class_session` is a position in the schedule of the same days."""

    response_id: np.ndarray
    member: np.ndarray
    class_session: np.ndarray
    submitted_at: np.ndarray
    rating: np.ndarray
    would_recommend: np.ndarray

    def __len__(self) -> int:
        return len(self.response_id)


@dataclass(frozen=True)
class Exported:
    """All answers, which of them count (the others give stars that do not exist), the rows to write, the defects."""

    answers: Answers
    counts: np.ndarray
    rows: Rows
    defects: Defects


def exported(world: World, days: Days) -> Exported:
    """The answers about a stretch's classes that come before the chain's end."""
    chain, schedule, defects = world.chain, world.schedule(days), world.defects(TABLE, days)
    dice = chain.dice("feedback", days.number)
    answers = _answer(world, days, schedule, dice)
    n = len(answers)
    cuts = np.cumsum([defects.count(kind, n) for kind in ("orphan_feedback", "rating_out_of_range")])
    strange, impossible, rest = np.split(defects.dice.permutation(n), np.minimum(cuts, n))
    rating = answers.rating.copy()
    rating[impossible] = np.resize(_IMPOSSIBLE, len(impossible))
    answers = replace(answers, rating=rating)

    addresses = emails(world, answers.member)
    nobody = joined("visitor.", whole(FIRST_UNKNOWN_USER_ID + answers.response_id % 50_000), "@example.com")
    is_strange = np.isin(np.arange(n), strange)
    addresses = pc.if_else(pa.array(is_strange), nobody, addresses)
    text = pa.table(
        {
            "response_id": whole(answers.response_id),
            "class_session_id": whole(schedule.class_session_id[answers.class_session]),
            "email": _as_typed(addresses, dice.random(n)),
            "submitted_at": utc_text(answers.submitted_at),
            "rating": whole(answers.rating),
            "would_recommend": whole(answers.would_recommend),
            "comment": _comments(world, answers, dice),
        }
    )
    rows = Rows(text, chain.day_of(answers.submitted_at), answers.submitted_at, np.isin(np.arange(n), rest))
    for kind, at, caught_as, why in (
        ("orphan_feedback", strange, FLAGGED, {"flag": "is_known_member"}),
        ("rating_out_of_range", impossible, QUARANTINED, {"rule": "rating_out_of_range"}),
    ):
        found = rows.take(at)
        defects.note(kind, caught_as, keys=found.keys(SHAPE.keys), days=found.day, **why)
    return Exported(answers, ~np.isin(np.arange(n), impossible), rows, defects)


def _answer(world: World, days: Days, schedule: Schedule, dice: np.random.Generator) -> Answers:
    """Some of those who were signed in answer within two days; their stars follow the instructor's skill."""
    chain, check_ins = world.chain, world.made(class_check_ins.exported, days).check_ins
    answers = (check_ins.member_id < FIRST_UNKNOWN_USER_ID) & (dice.random(len(check_ins)) < _ANSWERS)
    at = np.flatnonzero(answers)
    session = check_ins.class_session[at]
    submitted_at = schedule.ends_at[session] + dice.integers(3600, 48 * 3600, len(at))
    skill = draw_instructors(chain).skill[schedule.instructor_id[session] - FIRST_INSTRUCTOR_ID]
    rating = np.clip(np.rint(dice.normal(skill, 0.8)), 1, 5).astype(np.int64)
    recommends = np.clip(np.rint(rating * 2 + dice.normal(-0.3, 1.0, len(at))), 0, 10).astype(np.int64)
    date = schedule.date[session]
    found = Answers(
        response_id=FIRST_RESPONSE_ID + date * len(world.members) * 3 + numbered(date),
        member=check_ins.member_id[at] - FIRST_USER_ID,
        class_session=session,
        submitted_at=submitted_at,
        rating=rating,
        would_recommend=recommends,
    )
    in_time = submitted_at < chain.end
    return Answers(**{name: column[in_time] for name, column in vars(found).items()})


def _as_typed(addresses: pa.Array, chances: np.ndarray) -> pa.Array:
    """Some addresses with a capital first letter, some in capitals, some between blanks."""
    typed = pc.if_else(pa.array(chances < 0.10), pc.utf8_capitalize(addresses), addresses)
    typed = pc.if_else(pa.array((chances >= 0.10) & (chances < 0.15)), pc.utf8_upper(addresses), typed)
    blank = pick(["", " "], (chances > 0.93).astype(np.int64))
    return joined(blank, typed, pick(["", "  "], (chances > 0.96).astype(np.int64)))


def _comments(world: World, answers: Answers, dice: np.random.Generator) -> pa.Array:
    """What some write, kinder with more stars; now and then with somebody's first name in it. Null for the others."""
    n = len(answers)
    kind = np.clip((answers.rating - 1) // 2, 0, len(_COMMENTS) - 1)
    which = dice.integers(0, len(_COMMENTS[0]), n)
    plain = pick([text for texts in _COMMENTS for text in texts], kind * len(_COMMENTS[0]) + which)
    names = world.pools.first_names[0]
    name = pick(names, dice.integers(0, len(names), n))
    before, behind = zip(*(text.split("{}") for text in _COMMENTS_WITH_NAMES), strict=True)
    which = which % len(_COMMENTS_WITH_NAMES)
    named = joined(pick(list(before), which), name, pick(list(behind), which))
    chance = dice.random(n)
    text = pc.if_else(pa.array(chance < _SAYS_SOMETHING / 4), named, plain)
    return pc.if_else(pa.array(chance < _SAYS_SOMETHING), text, pa.scalar(None, pa.string()))


def rows(world: World, days: Days, defects: Defects) -> Rows:
    """The rows to write."""
    made = world.made(exported, days)
    defects.include(made.defects)
    return made.rows


STREAM = Stream(table=TABLE, shape=SHAPE, rows=rows, ahead=3)


def _pieces(world: World, days: Days) -> pa.Table:
    """(date, gym; responses, rating_sum, promoters, detractors) by the day of the class."""
    made, schedule = world.made(exported, days), world.schedule(days)
    answers = made.answers
    session, rating, recommends = (
        column[made.counts] for column in (answers.class_session, answers.rating, answers.would_recommend)
    )
    return pa.table(
        {
            "date": dates(world.chain, schedule.date[session]),
            "gym": np.array([gym.number for gym in GYMS])[schedule.gym[session]],
            "responses": np.ones(len(session), np.int64),
            "rating_sum": rating,
            "promoters": (recommends >= PROMOTERS_FROM).astype(np.int64),
            "detractors": (recommends <= DETRACTORS_TO).astype(np.int64),
        }
    )


TRUTH = Truth("feedback", ("date", "gym"), ("responses", "rating_sum", "promoters", "detractors"), _pieces)
