"""What else may have made a difference: run order, cold calls, machines, devices, tails."""
