"""From numbers to decisions: how cost grows, what each technique pays, which parameters, which implementation."""
