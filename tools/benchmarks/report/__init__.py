"""What a run found, for people and for the next run: JSON, tables, plots, the page in docs."""
