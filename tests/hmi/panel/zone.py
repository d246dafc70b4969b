"""The time zone of the demo's site."""

from zoneinfo import ZoneInfo

SITE = ZoneInfo("Europe/Berlin")
