"""A suite reads what a submission's folder holds, and nothing that lies elsewhere."""

from collections.abc import Callable
from pathlib import Path

import pytest

from taller.runner import Submission, SubmissionNotFound

Submit = Callable[..., Submission]


def test_a_file_of_the_folder_is_read(submit: Submit) -> None:
    assert submit({"Procfile": "web: café\n"}).text("Procfile") == "web: café\n"


def test_a_file_that_is_not_there_or_no_text_is_told(submit: Submit) -> None:
    submission = submit({"Procfile": b"caf\xe9"})
    with pytest.raises(SubmissionNotFound, match="No such file"):
        submission.text("Dockerfile")
    with pytest.raises(SubmissionNotFound, match="can't decode"):
        submission.text("Procfile")


def test_a_link_that_leads_out_of_the_folder_is_not_followed(submit: Submit, tmp_path: Path) -> None:
    submission = submit({"Procfile": "web: a\n"})
    secret = tmp_path.parent / f"{tmp_path.name}-secret"
    secret.write_text("the grader's own")
    (submission.folder / "Dockerfile").symlink_to(secret)
    with pytest.raises(SubmissionNotFound, match="leads out of"):
        submission.text("Dockerfile")
