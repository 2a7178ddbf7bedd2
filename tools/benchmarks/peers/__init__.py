"""What Roost is measured against, each started by the benchmarks and ended by its process id."""
