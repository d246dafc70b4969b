"""Which bottles are where on the belt, worked out from a few sensors and the belt's travel.

Set-membership estimation: of every bottle the tracker keeps the interval of belt travel at which it
passed the infeed. Each scan of the sensors cuts that interval; an empty cut means that a sensor and
the belt disagree, and then the sensor wins. Between two scans bottles are tweened along the travel
that has been measured, never beyond it, so nothing moves that has not moved. A bottle that has left a
sensor's sight is taken out of it in ``LEAVES_S``: sooner than the tween would.
"""

from dataclasses import replace

from hmi.panel.mimic.line_model import LineGeometry, LineScan, ShownBottle, Station
from hmi.panel.mimic.tracked_bottle import TrackedBottle

FULLEST = 1.15
LEAVES_S = 0.08
_EDGE_MM = 0.5
_LONGEST_TWEEN_S = 1.5
_SLACK_PART = 0.12
_CLOSEST_PART = 0.6


class BottleTracker:
    """Feed it scans with ``update``; ask ``shown`` at any frame in between."""

    def __init__(self, geometry: LineGeometry, scan_s: float = 0.25) -> None:
        self.geometry = geometry
        self.scan_s = scan_s
        self._bottles: list[TrackedBottle] = []
        self._last: LineScan | None = None
        self._travel = 0.0
        self._old_travel = 0.0
        self._number = 0
        self._arrived_s = 0.0
        self._tween_s = 0.0
        self._frozen: tuple[ShownBottle, ...] | None = None
        self._frozen_travel = 0.0
        self.filling: int | None = None
        """The number of the bottle that the latest fill reading is of."""

    @property
    def reliable(self) -> bool:
        """Do the bottles stand for the line as it is now?"""
        return self._last is not None and self._last.reliable

    @property
    def moving(self) -> bool:
        return self.reliable and self._last is not None and self._last.moving

    def clear(self) -> None:
        """Forget everything: the line is another one or has moved unseen."""
        self._bottles.clear()
        self._last = self._frozen = None

    def update(self, scan: LineScan, now_s: float) -> None:
        """Take what the controller said; ``now_s`` on the clock that ``shown`` is asked with."""
        if not scan.reliable:
            self._freeze(scan, now_s)
            return
        last = self._last
        if scan == last:
            return
        self._frozen = None
        self._advance(scan, last)
        for station, seen, was_seen in self._stations(scan, last):
            if seen:
                self._see(station, was_seen)
            elif seen is False:
                self._see_none(station)
        self._part()
        self._fill(scan)
        self._cap(scan)
        self._reject(scan, last)
        self._arrived_s = now_s
        self._last = scan

    def shown(self, now_s: float) -> tuple[ShownBottle, ...]:
        """The bottles at this moment, foremost first."""
        if self._frozen is not None:
            return self._frozen
        part = self._part_done(now_s)
        return tuple(
            self._show(bottle, part)
            for bottle in self._bottles
            if not bottle.hidden and not (bottle.rejected and part >= 1.0)
        )

    def travel_mm(self, now_s: float) -> float:
        """How far the belt has moved at this moment, for what is fixed to it."""
        if self._frozen is not None:
            return self._frozen_travel
        return self._old_travel + (self._travel - self._old_travel) * self._part_done(now_s)

    def _freeze(self, scan: LineScan, now_s: float) -> None:
        if self._frozen is None:
            self._frozen_travel = self.travel_mm(now_s)
            self._frozen = self.shown(now_s)
        if self._last is not None:
            self._last = replace(self._last, reliable=False)
        else:
            self._last = scan

    def _part_done(self, now_s: float) -> float:
        if self._last is None or not self._last.moving or self._tween_s <= 0.0:
            return 1.0
        return min(1.0, max(0.0, (now_s - self._arrived_s) / self._tween_s))

    def _advance(self, scan: LineScan, last: LineScan | None) -> None:
        """Move everything along with the belt; a belt that moved unseen starts afresh."""
        moved = self._moved(scan, last)
        passed_s = scan.time_s - last.time_s if last else 0.0
        unseen = last is not None and not last.reliable and abs(moved) > self.geometry.pitch_mm / 2.0
        if last is None or moved < -1.0 or moved > 4.0 * self.geometry.pitch_mm or unseen:
            self._bottles.clear()
            self._travel = self._old_travel = scan.travel_mm or 0.0
        else:
            self._old_travel, self._travel = self._travel, self._travel + max(0.0, moved)
        longest = min(_LONGEST_TWEEN_S, self.scan_s * 1.2)
        self._tween_s = min(longest, max(0.05, passed_s))
        for bottle in self._bottles:
            bottle.old_x = bottle.x(self._old_travel)
            bottle.old_fill = bottle.fill
        gone = self.geometry.outfeed_mm
        self._bottles = [b for b in self._bottles if b.x(self._travel) < gone and not b.rejected]

    def _moved(self, scan: LineScan, last: LineScan | None) -> float:
        if last is None:
            return 0.0
        if scan.travel_mm is not None and last.travel_mm is not None:
            return scan.travel_mm - last.travel_mm
        if not scan.moving or scan.speed_rpm is None:
            return 0.0
        passed_s = min(1.0, max(0.0, scan.time_s - last.time_s))
        return max(0.0, scan.speed_rpm) / 60.0 * self.geometry.mm_per_revolution * passed_s

    def _stations(
        self, scan: LineScan, last: LineScan | None
    ) -> list[tuple[Station, bool | None, bool | None]]:
        g, old = self.geometry, last or LineScan(0.0)
        return [
            (g.cap, scan.at_cap, old.at_cap),
            (g.fill, scan.at_fill, old.at_fill),
            (g.infeed, scan.present, old.present),
        ]

    def _see(self, station: Station, was_seen: bool | None) -> None:
        """The sensor sees a bottle: the likeliest one is there, or one appears."""
        nearest = min(self._bottles, key=lambda b: self._away(b, station), default=None)
        if nearest is not None and self._away(nearest, station) <= self._slack:
            if not nearest.confine(self._travel, station.from_mm, station.to_mm):
                x = nearest.x(self._travel)
                nearest.move_to(self._travel, min(station.to_mm, max(station.from_mm, x)))
            nearest.hidden = False
            return
        self._appear(station, was_seen)

    def _appear(self, station: Station, was_seen: bool | None) -> None:
        moved = self._travel - self._old_travel
        entered = was_seen is False and moved > 0.0
        to_mm = min(station.to_mm, station.from_mm + moved) if entered else station.to_mm
        bottle = self._add(self._travel - to_mm, self._travel - station.from_mm)
        if station.at_mm >= self.geometry.cap.at_mm:
            bottle.fill = bottle.old_fill = 1.0

    def _add(self, low: float, high: float) -> TrackedBottle:
        self._number += 1
        bottle = TrackedBottle(self._number, low, high)
        self._align(bottle)
        bottle.old_x = bottle.x(self._old_travel)
        self._bottles.append(bottle)
        self._sort()
        return bottle

    def _align(self, bottle: TrackedBottle) -> None:
        """Pockets are a pitch apart: the neighbour says where in the interval the bottle must be."""
        pitch, play = self.geometry.pitch_mm, 2.0 * self.geometry.play_mm
        for other in self._bottles:
            middle = (other.low + other.high) / 2.0
            pockets = round(((bottle.low + bottle.high) / 2.0 - middle) / pitch)
            place = middle + pockets * pitch
            low, high = max(bottle.low, place - play), min(bottle.high, place + play)
            if pockets and low <= high:
                bottle.low, bottle.high = low, high

    def _see_none(self, station: Station) -> None:
        """The sensor sees nothing: whoever seemed to be there is before or behind, or not at all."""
        for bottle in self._bottles:
            x = bottle.x(self._travel)
            if not station.holds(x):
                continue
            behind, before = station.to_mm + _EDGE_MM, station.from_mm - _EDGE_MM
            nearer_end = behind if station.to_mm - x <= x - station.from_mm else before
            if abs(nearer_end - x) > self._slack:
                bottle.hidden = True
                continue
            beyond = (behind, float("inf")) if nearer_end == behind else (-float("inf"), before)
            bottle.confine(self._travel, *beyond)
            if station.holds(bottle.x(self._travel)):
                bottle.move_to(self._travel, nearer_end)

    def _part(self) -> None:
        """Bottles stand in pockets, a pitch apart: of two that are closer the one known longer stays."""
        self._sort()
        closest = self.geometry.pitch_mm * _CLOSEST_PART
        kept: list[TrackedBottle] = []
        for bottle in self._bottles:
            if kept and kept[-1].x(self._travel) - bottle.x(self._travel) < closest:
                if kept[-1].hidden and not bottle.hidden:
                    kept[-1] = bottle
                continue
            kept.append(bottle)
        self._bottles = kept

    def _fill(self, scan: LineScan) -> None:
        self.filling = None
        bottle = self._bottle_in(self.geometry.fill)
        if scan.at_fill is False or scan.fill_fraction is None or bottle is None:
            return
        fraction = min(FULLEST, max(0.0, scan.fill_fraction))
        leaving = bottle.x(self._travel) > self.geometry.fill.at_mm
        if leaving and fraction < bottle.fill:
            following = self._next_after(bottle)
            if following is None or self._away(following, self.geometry.fill) > self._slack:
                following = self._enter_fill(bottle) if fraction else None
            if following is None:
                return
            bottle = following
        self.filling = bottle.number
        if fraction < bottle.fill:
            bottle.old_fill = fraction
        bottle.fill = fraction

    def _enter_fill(self, leaving: TrackedBottle) -> TrackedBottle | None:
        """A bottle nobody saw coming is being filled: the one before it has left, if there is room."""
        station, moved = self.geometry.fill, self._travel - self._old_travel
        ahead = max(leaving.x(self._travel), station.to_mm + _EDGE_MM)
        here = min(station.at_mm, station.from_mm + moved / 2.0)
        others = [b.x(self._travel) for b in self._bottles if b is not leaving]
        gaps = [abs(x - place) for x in others for place in (here, ahead)] + [ahead - here]
        if moved <= 0.0 or min(gaps) < self.geometry.diameter_mm:
            return None
        leaving.move_to(self._travel, ahead)
        return self._add(self._travel - here, self._travel - here)

    def _cap(self, scan: LineScan) -> None:
        cap = self.geometry.cap
        bottle = self._bottle_in(cap) if scan.at_cap is not False else None
        if bottle is None or scan.capping is False:
            return
        if bottle.x(self._travel) >= cap.at_mm - _EDGE_MM:
            bottle.capped = bottle.capped or bottle.old_x < cap.at_mm or not scan.moving

    def _reject(self, scan: LineScan, last: LineScan | None) -> None:
        if last is None or scan.rejected is None or last.rejected is None or scan.rejected <= last.rejected:
            return
        place = self.geometry.reject_mm
        near = [b for b in self._bottles if abs(b.x(self._travel) - place) < self.geometry.pitch_mm / 2.0]
        if near:
            bottle = min(near, key=lambda b: abs(b.x(self._travel) - place))
            bottle.rejected = True
            bottle.capped = bottle.capped and not scan.cap_missing

    def _next_after(self, bottle: TrackedBottle) -> TrackedBottle | None:
        """The bottle behind; what is read where this one leaves is already of that one."""
        behind = self._bottles[self._bottles.index(bottle) + 1 :]
        return next((b for b in behind if not b.hidden), None)

    def _bottle_in(self, station: Station) -> TrackedBottle | None:
        inside = (b for b in self._bottles if not b.hidden and station.holds(b.x(self._travel)))
        return min(inside, key=lambda b: abs(b.x(self._travel) - station.at_mm), default=None)

    def _away(self, bottle: TrackedBottle, station: Station) -> float:
        x = bottle.x(self._travel)
        return max(station.from_mm - x, x - station.to_mm, 0.0)

    @property
    def _slack(self) -> float:
        """How far an estimate may be wrong before it is another bottle."""
        return self.geometry.pitch_mm * _SLACK_PART + self.geometry.play_mm

    def _sort(self) -> None:
        self._bottles.sort(key=lambda b: b.low + b.high)

    def _show(self, bottle: TrackedBottle, part: float) -> ShownBottle:
        x = bottle.x(self._travel)
        place = self._outside_empty(bottle.old_x, x, part)
        entered = place >= self.geometry.fill.from_mm
        fill = bottle.old_fill + (bottle.fill - bottle.old_fill) * part if entered else bottle.old_fill
        capped = bottle.capped and place >= self.geometry.cap.at_mm - _EDGE_MM
        return ShownBottle(bottle.number, place, fill, capped, bottle.rejected)

    def _outside_empty(self, start: float, target: float, part: float) -> float:
        """On its way from start to target, but soon out of what the latest scan says is empty."""
        place = start + (target - start) * part
        if self._last is None:
            return place
        for station, seen, _ in self._stations(self._last, None):
            if seen is False and station.holds(place):
                ahead = target > station.to_mm
                edge = station.to_mm + _EDGE_MM if ahead else station.from_mm - _EDGE_MM
                if not station.holds(start):
                    return edge
                return start + (edge - start) * min(1.0, part * self._tween_s / LEAVES_S)
        return place
