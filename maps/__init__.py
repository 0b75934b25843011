"""Boards: named maps for people, each one file that opens without a network."""
