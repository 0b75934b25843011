"""Opening hours: as people write them, and when they say that a place is open."""
