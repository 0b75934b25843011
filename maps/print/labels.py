"""What is written on the map finds its place one after the other, each only where it meets none before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]  # left, bottom, right, top, millimetres
TOUCH = 0.25  # millimetres that stay between two


@dataclass(frozen=True, slots=True)
class Label:
    """Something to be written at a place.

    Parameters
    ----------
    at : tuple of float
        The place, millimetres of the sheet.
    width, height : float
        Of what is written, millimetres.
    write : callable
        Told where its middle comes to stand.
    moves : tuple of (float, float)
        Where its middle may stand, from the place, best first.
    """

    at: tuple[float, float]
    width: float
    height: float
    write: Callable[[float, float], None]
    moves: tuple[tuple[float, float], ...] = ((0.0, 0.0),)


class Room:
    """The free room on a map.

    Parameters
    ----------
    box : tuple of float
        Left, bottom, right, top of the map, millimetres; nothing is written across its edge.
    """

    def __init__(self, box: Box) -> None:
        self.box = box
        self._taken: list[Box] = []

    @property
    def taken(self) -> tuple[Box, ...]:
        """Boxes in which nothing more can be written."""
        return tuple(self._taken)

    def take(self, box: Box) -> None:
        """Keep others out of a box.

        Parameters
        ----------
        box : tuple of float
            Left, bottom, right, top, millimetres.
        """
        self._taken.append(box)

    def free(self, box: Box) -> bool:
        """Say whether a box is in the map and meets none that is taken.

        Parameters
        ----------
        box : tuple of float
            Left, bottom, right, top, millimetres.

        Returns
        -------
        bool
            True = something can be written there.
        """
        left, bottom, right, top = self.box
        if box[0] < left or box[1] < bottom or box[2] > right or box[3] > top:
            return False
        if not self._taken:
            return True
        other = np.asarray(self._taken)
        apart = (
            (other[:, 0] > box[2] + TOUCH)
            | (other[:, 2] < box[0] - TOUCH)
            | (other[:, 1] > box[3] + TOUCH)
            | (other[:, 3] < box[1] - TOUCH)
        )
        return bool(apart.all())

    def place(self, labels: Iterable[Label], most: int = 1_000_000) -> int:
        """Write labels where there is room.

        Parameters
        ----------
        labels : iterable of Label
            Most important first.
        most : int
            As many at most.

        Returns
        -------
        int
            How many were written.
        """
        written = 0
        for label in labels:
            if written >= most:
                break
            for right, up in label.moves:
                x, y = label.at[0] + right, label.at[1] + up
                half_x, half_y = label.width / 2, label.height / 2
                box = (x - half_x, y - half_y, x + half_x, y + half_y)
                if self.free(box):
                    self.take(box)
                    label.write(x, y)
                    written += 1
                    break
        return written


def around(radius: float, width: float = 0.0, height: float = 0.0) -> tuple[tuple[float, float], ...]:
    """List places round a point, nearest first: on it, beside it, further away.

    Parameters
    ----------
    radius : float
        Distance of the first ring, millimetres.
    width, height : float
        Of what is written, millimetres: half of it is added to the distance.

    Returns
    -------
    tuple of (float, float)
        Steps to the right and up.
    """
    turns = np.radians([45, 0, 315, 90, 135, 180, 225, 270])
    rings = [
        (float((radius * ring + width / 2) * np.cos(turn)), float((radius * ring + height / 2) * np.sin(turn)))
        for ring in (1.0, 2.0, 3.2)
        for turn in turns
    ]
    return ((0.0, 0.0), *rings)
