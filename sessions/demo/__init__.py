"""The demo season: its text sources, the script that makes its recording, and what it made."""
