"""`python -m sessions` is the `vzaimo` command."""

from sessions.cli import main

main()
