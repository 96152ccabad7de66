"""The suite for asv: every verified implementation on every workload, found by the same discovery."""
