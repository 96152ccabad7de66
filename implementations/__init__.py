"""Every approach as an interchangeable implementation of one job, and the parts they are made of."""
