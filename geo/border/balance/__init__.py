"""Who has more work than hours, and where could limits lie so that everybody can keep the interval?"""
