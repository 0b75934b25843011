"""The border: whose stretch is this, and when was it last walked?"""
