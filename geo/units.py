"""Assumptions that have a name, a unit and a source. Each can be overridden in ``workspace.toml``."""

from __future__ import annotations

BUDGET_MINUTES = 15.0  # 15分钟服务圈; GB 50180-2018: a 15-minute circle is 800-1,000 m of walking
BANDS_MINUTES = (5.0, 10.0, 15.0)  # GB 50180-2018 speaks of 5, 10 and 15 minutes
SPEED_KMH = 4.8  # an adult's pace: 1,200 m in 15 minutes; routing engines use 4.8 to 5.1
SPEEDS_KMH = {
    "adult": SPEED_KMH,
    "old": 3.6,  # 60 m/min, planning practice in China: 15 minutes = 900 m
    "child": 3.6,
    "winter": 4.0,  # a good winter surface adds about a minute a kilometre, clean ice two
}
SPEED_BAND_KMH = (3.6, 5.1)  # as the old walk (planning practice in China), and as routing engines take an adult
LONG_WALK_MINUTES = 25.0  # the last class on maps: 2 km, when people take the car instead
OPEN_HOURS = 16.0  # hours a day that a warm station keeps open: a banner with 14 of them promises it its couriers
HUB_M = 5_000.0  # an assumption: from a hub of 1 + N to its point in 15 minutes on a courier's e-bike at 20 km/h
FAR_S = 86_400.0  # nobody walks to a station for longer than a day: beyond it there is no way on foot
FAR_M = 115_200.0  # what an adult walks in that day
SNAP_M = 300.0  # a home is further than this from its street only when something is wrong
SNAP_MAX_M = 1_600.0  # 20 minutes on foot: beyond it a point is not on the network at all
ISLAND_M = 500.0  # fewer metres of street than this, joined to nothing, are a digitising slip or a courtyard
STUB_M = 20.0  # people of an area live along its streets, one address every 20 m: errs by at most 10 m of street
NEIGHBOURS_M = 150.0  # homes closer than a large block belong to one place
STRIP_HALF_WIDTH_M = 60.0  # a picture of what is reached: half a 120 m block on each side of the street
HOLE_M2 = 100.0  # a hole in a picture of what is reached: less than a house and its yard is not worth a line
HOUSEHOLDS_PER_WORKER = 500  # usual yardstick 300-500 households for each full-time grid worker
WORKERS_MIN = 1
NOISE_M = 1.0  # narrower than a survey's own error
SLIVER_M = 5.0  # narrower than a lane: a digitising slip, not ground that somebody lost
SLIVER_COMPACTNESS = 0.1  # 4πA/p² (Polsby-Popper 1991); a 1:30 strip has 0.1
DUPLICATE_IOU = 0.95
CHILD_OUTSIDE_SHARE = 0.001
SCHEME_MATCH = (
    0.8  # an assumption: grids of two schemes that share four fifths of what they hold together could be one
)
DISTRICT_TOLERANCE = 0.02  # large grids within 2 % of their mean load (M12)
PATROL_TOLERANCE_M = 50.0
PATROL_SCAN_S = 7_200.0  # an assumption: an hour's way between two markers, and as long for what is seen on it
PATROL_STEP_S = 600.0  # ten minutes out of sight: common devices write a fix at least as often
INTERVAL_DAYS = 7.0
WINDOW_DAYS = 30.0  # an assumption: the month that a station reports on
DUE_HOURS = 24.0  # an assumption: what tomorrow's patrols are sent to
PATROL_SPEED_KMH = 3.5  # on foot, stopping at markers
PATROL_SPEEDS_KMH = {  # assumptions, used where a segment says none: a horse's walk, tracks that are rough
    "foot": PATROL_SPEED_KMH,
    "horse": 6.4,
    "motorcycle": 20.0,
    "vehicle": 25.0,
}
PATROL_TOP_SPEEDS_KMH = {  # assumptions: nobody keeps it up for the seconds between two fixes
    "foot": 15.0,  # a run: the marathon record is 21 km/h, without boots and pack
    "horse": 45.0,  # a gallop; over a quarter of a mile the record is 70
    "motorcycle": 110.0,
    "vehicle": 130.0,
}
PATROL_SLACK_S = 1_800.0  # the device is on before the patrol sets out, and is forgotten after it
SPIKE_M = 100.0  # two fixes may each be off by the tolerance: less than this is no proof of a spike
SPIKE_FIXES = 5  # a longer run at another place may be the patrol, and the rest the error
CLOCK_GAP_S = 86_400.0  # a patrol does not rest for longer than a day
CLOCK_SHARE = 0.1  # fewer than this of the fixes at another time are the clock's error, not another patrol
PATROL_HOURS_PER_DAY = 8.0
RESPONSE_MINUTES = 60.0  # an assumption: help that comes within the hour
REACH_STEP_M = 500.0  # border between two places that are timed: half of it is 36 s by vehicle, over land
ROAD_SPEED_KMH = 60.0  # where a road has no class: design speed of a second-class road, JTG B01-2014
ROAD_SPEEDS_KMH = {  # by OpenStreetMap class; design speeds of JTG B01-2014, of two the lower but on motorways
    "motorway": 100.0,  # expressway 80, 100 or 120
    "trunk": 80.0,  # first class 60, 80 or 100
    "primary": 60.0,  # second class 60 or 80
    "secondary": 40.0,  # third class 30 or 40, usually made for the higher
    "tertiary": 30.0,  # third class
    "unclassified": 30.0,  # fourth class 20 or 30
    "residential": 20.0,  # fourth class
    "living_street": 20.0,
    "service": 20.0,
    "track": 25.0,  # an assumption: as over land
}
ROAD_PIECE_M = 2_000.0  # roads are indexed in straight pieces no longer than this
STEP_ON_PIECES = 64  # pieces of road nearest to a post on which it may drive up
STEP_OFF_PIECES = 1_024  # pieces of road nearest to a place at which they may be left for it
BANK_M = 1_000.0  # a river border and the river on the map, drawn by two sources, lie this near
DECLARED_LENGTH_TOLERANCE = 0.05
STRAINED_SHARE = 0.9  # an assumption: a tenth of the hours goes to leave, weather and repairs
EVEN_WITHIN = 0.1  # loads within a tenth of their mean count as even (M7)
PUBLISHED_PEOPLE_MIN = 10  # fewer people are never published as a figure of their own
STREET_SNAP_M = 0.01  # ends of streets closer than this are one junction
SECONDS_PER_MINUTE = 60.0
KMH_PER_MPS = 3.6
MINUTES_PER_HOUR = 60


def metres_per_second(speed_kmh: float) -> float:
    """Turn a speed in km/h into m/s.

    Parameters
    ----------
    speed_kmh : float
        Speed, km/h.

    Returns
    -------
    float
        Speed, m/s.

    Examples
    --------
    >>> round(metres_per_second(4.8), 4)
    1.3333
    """
    return speed_kmh / KMH_PER_MPS
