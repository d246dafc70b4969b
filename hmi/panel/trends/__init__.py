"""Trends: recorded and live values as stacked lanes under one time axis."""
