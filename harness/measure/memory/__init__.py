"""Memory: peak, history, retained, and allocations, each in a pass of its own, never while timing."""
