"""The build hook: what it generates, what it clears away, and what a wheel holds of it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

import hatch_build
from tests.house.tree import ROOT

GREETING = """syntax = "proto3";
package unified.greeting.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "google/rpc/status.proto";
// Somebody's greeting.
message Greeting {
  // The words.
  string words = 1 [(buf.validate.field).string.min_len = 1];
  // How it went.
  google.rpc.Status status = 2;
}
"""


@pytest.fixture
def proto(tmp_path: Path) -> Path:
    """A contract of one message, with every import that the real one may use."""
    source = tmp_path / "proto/unified/greeting/v1/greeting.proto"
    source.parent.mkdir(parents=True)
    source.write_text(GREETING)
    return tmp_path / "proto"


def test_the_descriptor_set_has_imports_and_comments(proto: Path) -> None:
    hatch_build.generate(proto)

    files = descriptor_pb2.FileDescriptorSet.FromString((proto / hatch_build.CONTRACT).read_bytes())
    by_name = {file.name: file for file in files.file}
    comments = [
        place.leading_comments for place in by_name["unified/greeting/v1/greeting.proto"].source_code_info.location
    ]
    assert {"buf/validate/validate.proto", "google/api/http.proto", "google/protobuf/any.proto"} <= by_name.keys()
    assert " The words.\n" in comments


def test_modules_and_their_types_are_written_beside_the_source(proto: Path) -> None:
    hatch_build.generate(proto)

    written = {str(path.relative_to(proto)) for path in proto.rglob("*_pb2.py*")}
    assert written == {
        "buf/validate/validate_pb2.py",
        "buf/validate/validate_pb2.pyi",
        "unified/greeting/v1/greeting_pb2.py",
        "unified/greeting/v1/greeting_pb2.pyi",
    }


def test_what_lost_its_source_is_removed(proto: Path) -> None:
    stale = proto / "unified/greeting/v1/farewell_pb2.py"
    stale.write_text("")

    hatch_build.generate(proto)

    assert not stale.exists()


def test_a_broken_contract_stops_the_build_and_changes_nothing(proto: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (proto / "unified/greeting/v1/greeting.proto").write_text(GREETING.replace("string words", "strin words"))

    with pytest.raises(SystemExit, match="could not compile"):
        hatch_build.generate(proto)

    assert '"strin" is not defined' in capfd.readouterr().err
    assert ["unified"] == [path.name for path in proto.iterdir()]


@pytest.mark.parametrize("first", ["protovalidate", "unified.analytics.v1.analytics_service_pb2"])
def test_the_rules_and_their_interpreter_load_in_either_order(first: str) -> None:
    """Both bring `buf/validate/validate.proto`; a registry that refused the second would break at import."""
    program = f"""
import {first}, protovalidate
from unified.analytics.v1.analytics_service_pb2 import ListEventsRequest
print(len(protovalidate.collect_violations(ListEventsRequest(page_size=-1))))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=60)

    assert int(ran.stdout) >= 1


def test_a_wheel_holds_all_that_runs_and_nothing_else(tmp_path: Path) -> None:
    """Built as pip builds it, from this checkout, with the tools that are locked."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)

    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"adapters", "buf", "gateway", "unified"} == {
        name.split("/")[0] for name in names if ".dist-info/" not in name
    }
    assert {
        "buf/validate/validate_pb2.py",
        "unified/analytics/v1/contract.binpb",
        "unified/analytics/v1/metric.proto",
        "unified/analytics/v1/metric_pb2.py",
        "unified/analytics/v1/metric_pb2.pyi",
        "unified/py.typed",
    } <= names
