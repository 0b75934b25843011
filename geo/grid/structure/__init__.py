"""What is wrong with a division or a grid by itself: its place in the tree, its code, its parts, its size."""
