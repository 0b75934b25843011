"""Markers, villages, stops, fences and their defects: visited and due like the line itself."""
