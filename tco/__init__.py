"""kafka-tco: what each way of running Apache Kafka costs, and what its SLA promises."""

__version__ = "0.1.0"
