"""The catalog: offerings, prices, paths, SLA terms, units, sources; read, validated, selected."""
