"""May one walk here, which way, and how slowly: OpenStreetMap's tags read once, for every kind of street file.

What routers for people on foot disagree about, and what is done here:

- A kind of road that is not known is walked, as OSMnx does; GraphHopper, OSRM and Valhalla keep lists of what
  is. Extracts hold kinds that no list knows (``trail``, ``access_ramp``), and without them paths break.
- Cycleways, bridleways and trunk roads are walked unless something says no, as OpenStreetMap's worldwide
  defaults and GraphHopper have it; OSMnx and Valhalla leave cycleways out, which cuts crossings.
- A trunk road without a pavement of its own (``sidewalk`` no, none or separate) is not walked, and a motorroad or
  motorway only where it has one (GraphHopper).
- ``access=customers`` and ``destination`` are walked: whoever goes to a service station goes there for it.
  ``agricultural``, ``forestry`` and ``delivery`` are not, as in OSRM.
- Squares, platforms and piers are walked along their rim, as GraphHopper, OSRM and Valhalla do; OSMnx drops areas.
- A way ends at a wall, a fence, a locked gate, or any barrier closed to people on foot (OSRM, GraphHopper). Gates,
  bollards and kerbs that say nothing are passed.
- ``oneway`` is for wheels, save on steps, where it was written for moving stairs before ``conveying`` was.
  Conditions by the hour are not read; ferries are not walked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Direction = Literal["both", "forward", "backward"]
Tags = Mapping[str, str]

CLOSED = frozenset(
    {
        "no",
        "private",
        "permit",
        "use_sidepath",
        "military",
        "emergency",
        "restricted",
        "closed",
        "locked",
        "delivery",
        "agricultural",
        "forestry",
        "psv",
        "bus",
    }
)
OPEN = frozenset({"yes", "designated", "permissive", "official", "destination", "customers", "public"})
NO_WAY = frozenset(
    {
        "construction",
        "proposed",
        "planned",
        "abandoned",
        "disused",
        "dismantled",
        "razed",
        "demolished",
        "historic",
        "rest_area",
        "services",
        "emergency_bay",
        "escape",
        "via_ferrata",
        "no",
    }
)
FOR_WHEELS = frozenset({"motorway", "motorway_link", "raceway", "bus_guideway", "busway"})
FAST = frozenset({"trunk", "trunk_link"})
PAVED = frozenset({"both", "left", "right", "yes"})
UNPAVED = frozenset({"no", "none", "separate"})
WALLS = frozenset({"wall", "fence", "city_wall", "retaining_wall", "hedge"})
ALSO_WALKED = (("railway", "platform"), ("public_transport", "platform"), ("man_made", "pier"))
STEPS_FACTOR = 2.0  # people climb at about half their pace on the flat: Fruin 1971, Pedestrian Planning and Design
SURFACE_FACTORS = {  # Soule & Goldman 1972, Terrain coefficients for energy cost prediction
    **dict.fromkeys(
        ("unpaved", "dirt", "earth", "ground", "gravel", "compacted", "fine_gravel", "pebblestone"), 1.1
    ),
    **dict.fromkeys(("grass", "woodchips"), 1.2),
    "mud": 1.8,
    "sand": 2.1,
}


def may_walk(tags: Tags) -> bool:
    """Tell whether one may walk on a way.

    Parameters
    ----------
    tags : mapping of str to str
        OpenStreetMap tags. What is neither a ``highway`` nor a platform or pier is no way.

    Returns
    -------
    bool
        What ``foot`` says decides; without it ``access``, then the kind of road.

    Examples
    --------
    >>> may_walk({"highway": "residential"}), may_walk({"highway": "motorway"})
    (True, False)
    >>> may_walk({"highway": "service", "access": "private", "foot": "yes"})
    True
    """
    highway, foot = tags.get("highway", ""), tags.get("foot", "")
    if highway in NO_WAY or foot in CLOSED or tags.get("route") == "ferry" or tags.get("impassable") == "yes":
        return False
    if not highway and not any(tags.get(key) == value for key, value in ALSO_WALKED):
        return False
    if tags.get("foot:forward") == tags.get("foot:backward") == "no":
        return False
    if foot in OPEN:
        return True
    if tags.get("access", "") in CLOSED or highway in ("raceway", "bus_guideway", "busway"):
        return False
    sidewalk = tags.get("sidewalk") or tags.get("sidewalk:both", "")
    if highway in FOR_WHEELS or tags.get("motorroad") == "yes":
        return sidewalk in PAVED
    return not (highway in FAST and sidewalk in UNPAVED)


def direction_of(tags: Tags) -> Direction:
    """Tell in which direction one may walk.

    Parameters
    ----------
    tags : mapping of str to str
        Of a way one may walk on.

    Returns
    -------
    {"both", "forward", "backward"}
        ``both`` unless ``oneway:foot``, ``foot:forward``, ``foot:backward`` or moving stairs say otherwise.

    Examples
    --------
    >>> direction_of({"oneway": "yes"}), direction_of({"highway": "steps", "conveying": "backward"})
    ('both', 'backward')
    """
    oneway = tags.get("oneway:foot") or (tags.get("oneway", "") if tags.get("highway") == "steps" else "")
    moving = tags.get("conveying", "")
    if oneway in ("yes", "1", "true") or moving == "forward" or tags.get("foot:backward") == "no":
        return "forward"
    if oneway in ("-1", "reverse") or moving == "backward" or tags.get("foot:forward") == "no":
        return "backward"
    return "both"


def factor_of(tags: Tags) -> float:
    """Tell how many times slower than a level, hard street one walks.

    Parameters
    ----------
    tags : mapping of str to str
        Of a way.

    Returns
    -------
    float
        1 where neither steps nor a known surface is said.
    """
    if tags.get("highway") == "steps":
        return STEPS_FACTOR
    return SURFACE_FACTORS.get(tags.get("surface", ""), 1.0)


def is_there(tags: Tags, key: str) -> bool:
    """Tell whether a way is a bridge, a tunnel, covered: whether a key is set to anything but no.

    Parameters
    ----------
    tags : mapping of str to str
        Of a way.
    key : str
        Which key.

    Returns
    -------
    bool
        False without the key.
    """
    return tags.get(key, "no") not in ("no", "False", "")


def blocks(tags: Tags) -> bool:
    """Tell whether a point on a way stops people on foot.

    Parameters
    ----------
    tags : mapping of str to str
        Of a node.

    Returns
    -------
    bool
        False without a ``barrier``. What ``foot`` says decides, then ``access``; else a wall does, or a lock.

    Examples
    --------
    >>> [blocks({"barrier": "gate", **more}) for more in ({}, {"access": "private"}, {"locked": "yes"})]
    [False, True, True]
    """
    barrier = tags.get("barrier", "no")
    if barrier == "no":
        return False
    for key in ("foot", "access"):
        if tags.get(key):
            return tags[key] in CLOSED
    return barrier in WALLS or tags.get("locked") == "yes"
