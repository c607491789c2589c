"""The workload: its schema, its inputs with their status, its environments and topic classes."""
