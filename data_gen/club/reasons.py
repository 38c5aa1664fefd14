"""Why members leave: the reasons, and how they get typed at the desk, on the phone and in the app."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_gen.writing.rows import joined, pick

# (reason, its part of all requests, how people type it). Case, spaces around and what stands at the end vary on top.
REASONS = (
    ("moved", 0.17, (
        "moving away", "moved to another city", "relocating for work", "relocaton", "moveing out of state",
        "Umzug", "ich ziehe um", "me mudo", "mudanza", "déménagement",
    )),
    ("price", 0.18, (
        "too expensive", "too expensive, sorry", 'said it is "too expensive"', "price increase", "can't afford it",
        "cant aford it any more", "expensiv", "cost too high", "zu teuer", "demasiado caro", "trop cher",
    )),
    ("no_time", 0.14, (
        "no time", "not enough time", "dont have time", "no tiem", "too busy at work", "keine Zeit", "sin tiempo",
        "pas le temps",
    )),
    ("not_using", 0.14, (
        "not using it", "not useing it", "lost motivation", "never go", "nutze es nicht", "no lo uso",
        "pas assez utilisé",
    )),
    ("injury", 0.08, (
        "injury", "knee surgery", "injured my back", "injurd shoulder", "doctor's orders", "medical reasons",
        "Verletzung", "lesión", "blessure",
    )),
    ("competitor", 0.09, (
        "joined another gym", "joined anohter gym", "found a better gym", "went to the competition",
        "anderes Studio", "otro gimnasio", "autre salle",
    )),
    ("crowded", 0.06, (
        "too crowded", "overcrowded in the evening", "crowdedd", "always full after six", "zu voll",
        "demasiada gente", "trop de monde",
    )),
    ("equipment", 0.04, (
        "broken machines", "old equipment", "equipmnet broken", "treadmills never repaired", "kaputte Geräte",
        "máquinas rotas", "machines en panne",
    )),
    ("unhappy_staff", 0.03, (
        "unfriendly staff", "rude front desk", "bad service", "staf was rude", "unfreundliches Personal",
        "personal antipático", "personnel désagréable",
    )),
    ("switched_club", 0.03, (
        "switching to your other club", "change of home club", "transfer to your club downtown", "transfering clubs",
        "Clubwechsel", "cambio de club", "changement de club",
    )),
    ("other", 0.04, (
        "other", "other reasons", "personal reasons", "family reasons", "private Gründe", "Sonstiges",
        "otros motivos", "autre raison",
    )),
)  # fmt: skip
# What says nothing: no list of patterns can know these.
UNMAPPED_REASON = "unmapped"
UNMAPPED_TEXTS = ("asdf", "???", "see ticket", "k.A.", "no comment", "-", "tbd", "member hung up", "siehe Akte", "xx")

CODES = [code for code, _, _ in REASONS] + [UNMAPPED_REASON]
SHARES = [share for _, share, _ in REASONS]
# Position of what says nothing.
UNMAPPED = len(REASONS)
_TEXTS = [texts for _, _, texts in REASONS] + [UNMAPPED_TEXTS]
_POOL = [text for texts in _TEXTS for text in texts]
_FIRST = np.cumsum([0, *(len(texts) for texts in _TEXTS)])
_BEFORE, _BEHIND = ["", "", "", "", " "], ["", "", "", "", " ", ".", "!", " :("]


def typed(reason: np.ndarray, chances: np.ndarray) -> pa.Array:
    """How somebody types these reasons (positions in `CODES`); `chances` (4, n) are floats in [0, 1)."""
    many = np.diff(_FIRST)[reason]
    text = pick(_POOL, _FIRST[reason] + (chances[0] * many).astype(np.int64))
    # What says nothing is told apart by its very text: it stays as it is.
    dressed = np.where(reason == UNMAPPED, 0.0, chances[1])
    text = pc.if_else(pa.array(dressed > 0.9), pc.utf8_upper(text), text)
    text = pc.if_else(pa.array((dressed > 0.75) & (dressed <= 0.9)), pc.utf8_capitalize(text), text)
    before = pick(_BEFORE, (chances[2] * len(_BEFORE)).astype(np.int64))
    behind = pick(_BEHIND, np.where(reason == UNMAPPED, 0, chances[3] * len(_BEHIND)).astype(np.int64))
    return joined(before, text, behind)
