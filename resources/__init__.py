"""Data that ships with Brimline: tokens, fonts, icons, plant files, mimics."""
