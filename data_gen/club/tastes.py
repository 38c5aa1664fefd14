"""What members like without saying so: a kind of class each, its category, and some instructors more than others."""

from __future__ import annotations

import numpy as np

from data_gen.chain.parameters import Parameters
from data_gen.chain.traits import chance, mixed
from data_gen.club.class_types import CLASS_TYPES

CATEGORIES = tuple(dict.fromkeys(each.category for each in CLASS_TYPES))
_CATEGORY_OF = np.array([CATEGORIES.index(each.category) for each in CLASS_TYPES])
_LIKED = np.cumsum([each.liked for each in CLASS_TYPES]) / sum(each.liked for each in CLASS_TYPES)
# How much more likely a member picks a class of the favourite kind, of its category, or of a liked instructor.
_FAVOURITE_TYPE, _FAVOURITE_CATEGORY, _LIKED_INSTRUCTOR = 8.0, 3.0, 4.0
_LIKES_ONE_INSTRUCTOR_IN = 5


def favourite_type(chain: Parameters, member: np.ndarray) -> np.ndarray:
    """The kind of class that each member (a position) likes best, as a position in CLASS_TYPES."""
    return np.searchsorted(_LIKED, chance(chain, "favourite class", member), side="right").clip(0, len(_LIKED) - 1)


def likes_instructor(member: np.ndarray, instructor_id: np.ndarray) -> np.ndarray:
    """Whether a member likes an instructor: one in five does, and always. Shapes are broadcast."""
    pair = np.asarray(member, np.int64) * 1_000_003 + instructor_id
    return mixed(pair) % np.uint64(_LIKES_ONE_INSTRUCTOR_IN) == 0


def likes(chain: Parameters, member: np.ndarray, class_type: np.ndarray, instructor_id: np.ndarray) -> np.ndarray:
    """How much members like classes: a weight, 1 for who has no feelings. Shapes are broadcast."""
    favourite = favourite_type(chain, member)
    weight = np.where(favourite == class_type, _FAVOURITE_TYPE, 1.0)
    weight = weight * np.where(_CATEGORY_OF[favourite] == _CATEGORY_OF[class_type], _FAVOURITE_CATEGORY, 1.0)
    return weight * np.where(likes_instructor(member, instructor_id), _LIKED_INSTRUCTOR, 1.0)
