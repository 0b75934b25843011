"""How soon can a post be at each metre of the border?"""
