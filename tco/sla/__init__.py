"""SLA terms against a plan: what is promised, whether the plan qualifies, and which fine print bites."""
