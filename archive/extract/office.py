"""Office decks shown as PDF by LibreOffice, where it is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from archive.extract.job import Emit, Job
from archive.extract.problems import Problem, Unreadable
from archive.extract.zip_guard import open_checked, refuse_dtd


def convert(job: Job, emit: Emit) -> None:
    """Write shown.pdf into the job's folder. Runs in the reading process, which is limited.

    Raises Unreadable("damaged") if the file is not there afterwards: LibreOffice ends with success
    also when it could not load the deck.
    """
    with open_checked(Path(job.path), job.limits.zip) as archive:
        refuse_dtd(archive)
    folder = Path(job.out_dir)
    # The stored name may have no extension, and LibreOffice goes by it.
    deck = folder / f"shown.{job.format}"
    deck.symlink_to(job.path)
    subprocess.run(  # noqa: S603 - the program was found on the PATH, the names are ours
        [
            job.program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--convert-to",
            "pdf",
            "--outdir",
            str(folder),
            str(deck),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if not (folder / "shown.pdf").is_file():
        raise Unreadable(Problem.DAMAGED, what="conversion")
    emit(converted=True)
