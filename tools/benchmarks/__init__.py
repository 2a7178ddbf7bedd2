"""Roost beside Redis, PostgreSQL, LMDB and the memory of the machine, measured in one run."""
