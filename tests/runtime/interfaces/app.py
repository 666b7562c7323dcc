"""World-level functions and types, `use`, and inline interfaces."""

import wit_world
from wit_world import Reminder, echo_reminder, exports, log
from wit_world.imports import calendar, clock, inline
from wit_world.imports.calendar import Event
from wit_world.imports.clock import Instant


class WitWorld(wit_world.WitWorld):
    def echo_reminder(self, v: Reminder) -> Reminder:
        log(f"{v.text} at {v.at.seconds}")
        return echo_reminder(v)


class Calendar(exports.Calendar):
    def next(self, event: Event) -> Event:
        shifted = inline.shift(calendar.next(event))
        return Event(clock.now(Instant(shifted.at.seconds + 1, 0)), shifted.title)


class InlineExport(exports.InlineExport):
    def later(self, at: Instant) -> Instant:
        return Instant(at.seconds + 60, at.nanos)
