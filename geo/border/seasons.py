"""How often must a stretch be visited on a day? The one place that says what interval is required (M6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from geo import units
from geo.crs import Floats
from geo.parameters import Parameters, Season

DEFAULT = "default"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """Which interval between visits is required.

    Parameters
    ----------
    interval_days : mapping of str to float
        By segment class, days, and ``default``.
    seasons : sequence of Season
        Days of the year with intervals of their own; of several on a day the first counts.
    """

    interval_days: Mapping[str, float] = field(default_factory=dict)
    seasons: Sequence[Season] = ()

    def required(self, own_days: Any, classes: Any, day: date) -> Floats:
        """Say what is required of some segments on a day.

        The first that says something: a season of that day that names the class; the segment's own interval; the
        ``default`` of a season of that day; ``interval_days`` of the class; its ``default``; 7 days.

        Parameters
        ----------
        own_days : array-like of float
            Interval that the segment itself names, days, shape (n,); missing, or not above 0 = none.
        classes : array-like of str
            Class of each, shape (n,); missing = none.
        day : datetime.date
            The day.

        Returns
        -------
        numpy.ndarray
            Days, shape (n,); never missing.

        Examples
        --------
        >>> winter = Season(name="winter", starts="11-15", ends="03-31", interval_days={"river": 5.0})
        >>> rule = Rule({"default": 7.0, "river": 14.0}, (winter,))
        >>> rule.required([None, 10.0, 10.0], ["river", "river", "land"], date(2026, 1, 10)).tolist()
        [5.0, 5.0, 10.0]
        >>> rule.required([None, 10.0, None], ["river", "river", "land"], date(2026, 7, 10)).tolist()
        [14.0, 10.0, 7.0]
        """
        own = pd.to_numeric(pd.Series(own_days, dtype=object)).astype(float)
        kind = pd.Series(classes, index=own.index, dtype=object)
        now = [season.interval_days for season in self.seasons if is_on(season, day)]
        named: dict[str, float] = {}
        for days in reversed(now):
            named |= {name: value for name, value in days.items() if name != DEFAULT}
        in_season = next((days[DEFAULT] for days in now if DEFAULT in days), np.nan)
        usual = kind.map(dict(self.interval_days)).astype(float)
        usual = usual.fillna(self.interval_days.get(DEFAULT, units.INTERVAL_DAYS))
        said = kind.map(named).astype(float).fillna(own.where(own > 0)).fillna(in_season)
        return np.asarray(said.fillna(usual))

    def without_class(self, day: date) -> float:
        """Say what is required on a day where no segment is.

        Parameters
        ----------
        day : datetime.date
            The day.

        Returns
        -------
        float
            Days.
        """
        return float(self.required([None], [None], day)[0])

    def changes(self, first: date, last: date) -> list[date]:
        """List the days on which another rule begins.

        Parameters
        ----------
        first, last : datetime.date
            Bounds of the search.

        Returns
        -------
        list of datetime.date
            Days in ``first < day ≤ last`` on which other seasons are on than on the day before, ascending.
        """
        if not self.seasons or last <= first:
            return []
        days = [first + number * ONE_DAY for number in range((last - first).days + 1)]
        on = [[is_on(season, day) for season in self.seasons] for day in days]
        return [day for day, now, before in zip(days[1:], on[1:], on[:-1], strict=True) if now != before]


def is_on(season: Season, day: date) -> bool:
    """Tell whether a day lies in a season.

    Parameters
    ----------
    season : Season
        The season.
    day : datetime.date
        The day; the first and the last of the season are in it.

    Returns
    -------
    bool
        In a year without 29 February, a season from that day begins on 1 March and one to it ends on the 28th.

    Examples
    --------
    >>> winter = Season(name="winter", starts="11-15", ends="03-31", interval_days={"default": 14.0})
    >>> [is_on(winter, date(2026, *day)) for day in ((11, 14), (11, 15), (1, 1), (3, 31), (4, 1))]
    [False, True, True, True, False]
    """
    this, first, last = day.strftime("%m-%d"), season.starts, season.ends
    if first <= last:
        return first <= this <= last
    return this >= first or this <= last


def rule_of(parameters: Parameters) -> Rule:
    """Take the rule from the parameters of a workspace.

    Parameters
    ----------
    parameters : Parameters
        With ``interval_days`` and ``seasons``.

    Returns
    -------
    Rule
        What they say.
    """
    return Rule(parameters.interval_days, parameters.seasons)
