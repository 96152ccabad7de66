"""Load: readings arrive on a schedule, whatever the implementation does; how long they wait, how many it sustains."""
