"""The time zone in which the panel shows times: that of the site."""

from datetime import tzinfo
from zoneinfo import ZoneInfo

from hmi.panel.context import PanelContext


def site_zone(context: PanelContext) -> tzinfo:
    return ZoneInfo(context.config.site.timezone)
