"""Is the ground rightly divided into grids, and is every grid staffed?"""
