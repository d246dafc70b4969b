"""The plant itself: tags, commands, events, history. No Qt and no PLC library below this package."""
