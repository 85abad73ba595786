"""lesson16's generated code is what protoc makes of its contract."""

import subprocess
import sys
from pathlib import Path

SOLUTIONS = Path(__file__).parents[3] / "solutions"
CONTRACT = Path("lesson16_rpc_and_transports/notifications.proto")


def test_the_generated_code_is_up_to_date(tmp_path: Path) -> None:
    protoc = [sys.executable, "-m", "grpc_tools.protoc", "-I.", f"--python_out={tmp_path}", f"--pyi_out={tmp_path}"]

    subprocess.run([*protoc, str(CONTRACT)], cwd=SOLUTIONS, check=True)

    for made in (tmp_path / CONTRACT.parent).iterdir():
        assert made.read_text() == (SOLUTIONS / CONTRACT.parent / made.name).read_text()
