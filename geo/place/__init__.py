"""Where things are: shared vertices, which polygon holds a point, who lies beside whom."""
