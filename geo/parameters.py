"""What an answer may depend on besides tables: every assumption of a workspace, its rules, bands and seasons."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic import Field as Limited

from geo import units

Positive = Annotated[float, Limited(gt=0)]
Share = Annotated[float, Limited(ge=0, le=1)]
Profile = Literal["old", "child", "winter"]  # besides the adult, whose speed is ``speed_kmh``
StaffedGrids = Literal["small", "large"]
PROFILES: dict[Profile, float] = {name: units.SPEEDS_KMH[name] for name in get_args(Profile)}


class Season(BaseModel):
    """Days of every year on which other intervals between visits are required.

    Parameters
    ----------
    name : str
        What people call it.
    starts, ends : str
        First and last day, ``MM-DD``, in ``workspace.toml`` ``from`` and ``to``; an end before the start lies in
        the next year.
    interval_days : dict of str to float
        Required interval by segment class, days, and ``default`` for the classes that are not named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: Annotated[str, Limited(min_length=1)]
    starts: Annotated[str, Limited(alias="from")]
    ends: Annotated[str, Limited(alias="to")]
    interval_days: dict[str, Positive]

    @field_validator("starts", "ends")
    @classmethod
    def _is_a_day(cls, given: str) -> str:
        date.fromisoformat(f"2024-{given}")  # a leap year: 02-29 is a day
        return given


class Rule(BaseModel):
    """How many people in a role each place must have.

    Parameters
    ----------
    each : {"grids", "large_grids", "stations", "segments", "units", "posts"}
        Table whose rows are meant; of ``grids`` the small ones of the main scheme, and apart from them the large
        ones.
    has : str
        Role.
    count : str
        ``least..most``; an empty side is open.
    kind : str
        Only rows of this kind (of a station: category, of a segment: class); empty = all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    each: Literal["grids", "large_grids", "stations", "segments", "units", "posts"]
    has: Annotated[str, Limited(min_length=1)]
    count: Annotated[str, Limited(pattern=r"^\d{0,6}\.\.\d{0,6}$")]
    kind: str = ""

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """Least and most; None = open."""
        least, most = (int(side) if side else None for side in self.count.split(".."))
        return least, most

    @property
    def text(self) -> str:
        """The rule in one line: ``grids[urban] squad 1..1``."""
        return f"{self.each}{f'[{self.kind}]' if self.kind else ''} {self.has} {self.count}"


Band = tuple[Annotated[float, Limited(ge=0)], Annotated[float, Limited(ge=0)]]


class SizeBand(BaseModel):
    """How large a grid of one kind may be; what is not given is not judged.

    Parameters
    ----------
    households, people, area_km2 : tuple of float or None
        Least and most, both allowed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    households: Band | None = None
    people: Band | None = None
    area_km2: Band | None = None


class Parameters(BaseModel):
    """Everything besides tables that an answer may depend on; each default has its source in ``units``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    as_of: date = date(1970, 1, 1)
    time_zone: str = "Asia/Shanghai"
    study_area: str = ""
    budget_minutes: Positive = units.BUDGET_MINUTES
    bands: tuple[Positive, ...] = units.BANDS_MINUTES
    speed_kmh: Positive = units.SPEED_KMH
    profile: Literal["adult", Profile] = "adult"
    profiles: dict[Profile, Positive] = PROFILES
    speed_band: tuple[Positive, Positive] = units.SPEED_BAND_KMH
    at: str = "Wed 10:00"
    unknown_hours: Literal["open", "closed"] = "open"
    categories: tuple[str, ...] = ()
    amenities: tuple[str, ...] = ()
    hub_m: Positive = units.HUB_M
    snap_m: Positive = units.SNAP_M
    snap_max_m: Positive = units.SNAP_MAX_M
    planarise: bool = False
    households_per_worker: Positive = units.HOUSEHOLDS_PER_WORKER
    workers_min: Annotated[int, Limited(ge=0)] = units.WORKERS_MIN
    staffed_grids: StaffedGrids = "small"
    noise_m: Positive = units.NOISE_M
    sliver_m: Positive = units.SLIVER_M
    patrol_tolerance_m: Positive = units.PATROL_TOLERANCE_M
    patrol_step_s: Positive = units.PATROL_STEP_S
    response_minutes: Positive = units.RESPONSE_MINUTES
    reach_step_m: Positive = units.REACH_STEP_M
    interval_days: dict[str, Positive] = {"default": units.INTERVAL_DAYS}
    seasons: tuple[Season, ...] = ()
    window_days: Positive = units.WINDOW_DAYS
    due_hours: Annotated[float, Limited(ge=0)] = units.DUE_HOURS
    limits_at_markers: bool = True
    grid_code: str = r"^\d{15}$"
    holidays: str = "CN"
    roles: dict[str, tuple[str, ...]] = {}
    rules: tuple[Rule, ...] = ()
    size_bands: dict[str, SizeBand] = {}
    repair_by: Literal["edge", "households"] = "edge"
    scheme_match: Share = units.SCHEME_MATCH
    large_grids: Annotated[int, Limited(ge=0)] = 0
    district_tolerance: Share = units.DISTRICT_TOLERANCE
    district_moves: Share = 1.0
    locked_grids: tuple[str, ...] = ()
    deputy_grids: Annotated[int, Limited(ge=1)] = 1

    @field_validator("profiles")
    @classmethod
    def _others_as_usual(cls, given: dict[Profile, float]) -> dict[Profile, float]:
        return {**PROFILES, **given}
