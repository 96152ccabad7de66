"""The bench: contract, proof, measurement, statistics, storage and command line."""
