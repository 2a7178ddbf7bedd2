"""Starts, drives and ends real servers: shared by the system tests, the demo and the tools that
break things on purpose."""
