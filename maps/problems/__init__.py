"""The board of data problems: what is wrong in which file, where, and what to do about it."""
