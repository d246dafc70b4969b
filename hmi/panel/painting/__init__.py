"""Painters: functions that draw one symbol into a QPainter, shared by widgets and by the mimic's items."""
