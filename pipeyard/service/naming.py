"""
Readable, unique names for jobs that were given none.

In:       a source of random text; the time.
Out:      `adjective_noun_suffix` (section 2: Azure's style), and a display name without the suffix.
          For steps UUIDs, in order.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable

SUFFIX_LENGTH = 10

# Azure documents no rule; this is what its own names and its addresses allow.
NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}\Z")

_ADJECTIVE_LIST = (
    "amber ample autumn bold brave bright brisk calm careful cheerful clever cool coral crisp curious dapper deep eager "
    "early epic fair fancy fast fine firm fond frank free fresh gentle glad golden good grand great green happy hardy "
    "helpful honest humble icy jolly joyful keen khaki kind large lemon light lively loyal lucid lucky lush maroon "
    "mellow merry mighty mild modest neat nice nimble noble olive orange patient placid plain plucky polite proud quick "
    "quiet quirky ready red rosy round royal sandy sharp silver sincere sleepy smart smooth soft solid stoic strong "
    "sunny sweet swift teal tender tidy tough upbeat vast vivid warm wise witty yellow young zen"
)
_NOUN_LIST = (
    "acorn airport anchor apple arch arm arrow badge bag balloon band beach bean bell berry bird board boat bone book "
    "bottle bowl box bread brick bridge brush bucket button cabbage camera candle card carpet carrot castle cat chain "
    "cherry circle clock cloud coat comb cord cork corn cub cup curtain date deer door drain drum ear egg engine eye "
    "farm feast feather fig fish flag floor flower fork fowl fox frame frog garden gas glove goat grape guitar hat head "
    "heart hook horse house island jelly jewel kettle key kite kiwi knee knot lamp leaf lemon library lime line lion "
    "lizard lobster lock longan lunch malanga map market milk monkey moon mouth muscle nail napkin nerve net night nose "
    "nut oil onion orange oven owl papaya parcel parrot peach pear pen pencil picture pillow pin pipe plane planet plant "
    "plate plum pocket pot potato prune pump puppy quince rabbit rail raisin rhubarb rice ring river root roof rose "
    "sail seed shampoo shark shelf shirt shoe skin sock soursop spade sponge spoon spring square stamp star station "
    "stem stone store street sugar sun table tail thread tiger toe tomato tongue tooth town train tray tree truck "
    "turnip van vase wall watch wheel whistle window wing wire wolf worm yak yam yolk"
)
ADJECTIVES = tuple(_ADJECTIVE_LIST.split())
NOUNS = tuple(_NOUN_LIST.split())


def job_name(random_text: Callable[[int], str]) -> str:
    """Return a name that no other job has."""
    picks = int(random_text(6), 36)
    picks, noun = divmod(picks, len(NOUNS))
    adjective = picks % len(ADJECTIVES)
    return f"{ADJECTIVES[adjective]}_{NOUNS[noun]}_{random_text(SUFFIX_LENGTH)}"


def step_names(ids: Iterable[str], at_ms: int) -> dict[str, str]:
    """
    Return a name for each step of a job that is born at *at_ms*: a UUID of version 7, whose last part counts.

    Ten thousand rows of a job then lie side by side in each table and index, where random names would touch all of it.
    """
    chance = uuid.uuid4().int
    first = (at_ms & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (chance & 0xFFF) << 64 | 0b10 << 62
    first |= (chance >> 12 & 0x3FFF_FFFF) << 32
    return {id_: str(uuid.UUID(int=first + number)) for number, id_ in enumerate(ids)}


def display_name(name: str) -> str:
    """Return what a job is called when it says nothing: its name without the random end."""
    head, _, suffix = name.rpartition("_")
    return head if head and len(suffix) == SUFFIX_LENGTH else name


def is_job_name(text: str) -> bool:
    """Return whether a job may be called this."""
    return NAME_PATTERN.match(text) is not None
