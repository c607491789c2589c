"""Orders and runs rows: sizing, feasibility, choice of configuration, cost. Pure functions, no I/O."""
