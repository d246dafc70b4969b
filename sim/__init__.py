"""A bottling line in software, served over the real protocols."""
