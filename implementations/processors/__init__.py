"""One approach, one file; a file is found by being here."""
