"""What a report says: one file a section, found by being there, each with its ORDER and ``build(run)``."""
