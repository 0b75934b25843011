"""The numbers people quote about how coverage turns with time, with speed and with who walks."""

from __future__ import annotations

import geopandas as gpd

from geo.layer import Figure, Title, share
from geo.parameters import Parameters
from geo.stations.fields import WHO_WORDS
from geo.stations.figures import on_foot
from geo.stations.paces import EVERYBODY, GROUPS, main_speed, speed_band
from geo.stations.shares import WHOLE
from geo.stations.study import OUTSIDE, RIM

PROFILE_WORDS = {
    "adult": Title("成年人", "of an adult"),
    "old": Title("老年人", "of the old"),
    "child": Title("儿童", "of a child"),
    "winter": Title("冬季", "of winter"),
}
APART = {
    OUTSIDE: Title("不计入任何人口数字；其道路计入", "In no number of people; their streets count"),
    RIM: Title(
        "距研究范围边缘不超过时限×步速，边缘外同样距离内没有道路数据；其步行时间可能偏长",
        "Within budget × speed of the edge, and no street is given beyond it as near: their walks may be too long",
    ),
}
Wanted = tuple[str, Title, str, float, float]


def coverage_figures(frame: gpd.GeoDataFrame, parameters: Parameters) -> tuple[Figure, ...]:
    """Tell how coverage turns with time, with speed and with who walks.

    Parameters
    ----------
    frame : geopandas.GeoDataFrame
        The layer ``walk-coverage``.
    parameters : Parameters
        Budget, bands and speeds.

    Returns
    -------
    tuple of Figure
        Of the whole: people covered, the same if everybody were slow or fast, by band of minutes, by profile, by
        group; metres of street; people beyond the study area and at its blind edge. Without people the streets
        alone.
    """
    whole = frame[frame["level"] == WHOLE]
    made = [_case(whole, parameters, *one) for one in _cases(parameters)] if whole["people"].notna().any() else []
    budget = whole[whole["who"].eq(EVERYBODY) & whole["minutes"].eq(parameters.budget_minutes)]
    street, near = (float(budget[name].max()) if len(budget) else 0.0 for name in ("street_m", "street_m_covered"))
    made.append(
        share(
            "walk-coverage.streets",
            Title("时限内的步行道路", "Street within the budget"),
            near,
            street,
            of="m",
            good="high",
            method=on_foot(
                parameters,
                parameters.budget_minutes,
                f"{main_speed(parameters):g}公里/小时",
                f"at {main_speed(parameters):g} km/h",
            ),
        )
    )
    everybody = float(whole.loc[whole["who"] == EVERYBODY, "people"].max())
    for who, method in APART.items():
        people = whole.loc[whole["who"] == who, "people"]
        if len(people):
            number = float(people.iloc[0])
            told = number == number
            made.append(
                Figure(
                    f"walk-coverage.people_{who}",
                    WHO_WORDS[who],
                    number if told else None,
                    "people",
                    number if told else None,
                    everybody if told else None,
                    method,
                    "low" if who == RIM else None,
                )
            )
    return tuple(figure for figure in made if figure is not None)


def _cases(parameters: Parameters) -> list[Wanted]:
    """Figures of ``walk-coverage``: name, title, who, speed (missing = their own), minutes."""
    own, budget = float("nan"), parameters.budget_minutes
    slow, fast = speed_band(parameters)
    made: list[Wanted] = [("people_covered", Title("覆盖人口", "People covered"), EVERYBODY, own, budget)]
    for name, speed in (("slow", slow), ("fast", fast)):
        title = Title(f"人人{speed:g}公里/小时的覆盖率", f"Covered if everybody walks at {speed:g} km/h")
        made.append((f"share_{name}", title, EVERYBODY, speed, budget))
    for minutes in parameters.bands:
        title = Title(f"{minutes:g}分钟内人口", f"People within {minutes:g} minutes")
        made.append((f"within_{minutes:g}", title, EVERYBODY, own, minutes))
    speeds = {"adult": parameters.speed_kmh} | {str(name): speed for name, speed in parameters.profiles.items()}
    for profile, words in PROFILE_WORDS.items():
        speed = speeds[profile]
        zh, en = f"人人按{words.zh}步速（{speed:g}公里/小时）", f"Covered at the pace {words.en} ({speed:g} km/h)"
        made.append((f"profile_{profile}", Title(zh, en), EVERYBODY, speed, budget))
    for group in GROUPS:
        words = WHO_WORDS[group]
        made.append((f"group_{group}", Title(f"覆盖{words.zh}", f"{words.en} covered"), group, own, budget))
    return made


def _case(
    whole: gpd.GeoDataFrame,
    parameters: Parameters,
    name: str,
    title: Title,
    who: str,
    speed_kmh: float,
    minutes: float,
) -> Figure | None:
    """One of them; none where nobody is of that group."""
    same = whole["speed_kmh"].isna() if speed_kmh != speed_kmh else whole["speed_kmh"] == speed_kmh
    row = whole[whole["who"].eq(who) & same & whole["minutes"].eq(minutes)]
    if not len(row):
        return None
    people, covered = float(row["people"].iloc[0]), float(row["people_covered"].iloc[0])
    zh, en = "各人群自己的步速", "with each group at its own speed"
    if speed_kmh == speed_kmh:
        zh, en = f"人人{speed_kmh:g}公里/小时", f"with everybody at {speed_kmh:g} km/h"
    method = on_foot(parameters, minutes, zh, en)
    return share(f"walk-coverage.{name}", title, covered, people, of="people", good="high", method=method)
