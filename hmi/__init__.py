"""Faces: the command line, the panel, the headless agent; and the composition root."""
