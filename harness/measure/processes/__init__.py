"""Processes: started, tied to their parent, spoken with, watched, contained, and nothing of them left behind."""
