"""OGC API - Features, one complete service for each workspace."""
