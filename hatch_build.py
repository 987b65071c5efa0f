"""Generates the contract's Python modules and descriptor set: at every build, and run as a script."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from pathlib import Path
from typing import Any

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from grpc_tools import protoc  # type: ignore[import-untyped]  # it ships no types, and nobody else does
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).parent
CONTRACT = "unified/analytics/v1/contract.binpb"
VALIDATE = "buf/validate/validate.proto"
DETAILS = "google/rpc/error_details.proto"
"""The types of a status's details. Nothing imports it, but whoever has only the descriptor set could not read them."""
GENERATED = ("*_pb2.py", "*_pb2.pyi", "*.binpb")
WELL_KNOWN_TYPES = (
    any_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)


class ContractBuildHook(BuildHookInterface[Any]):
    """Lets a wheel, editable or not, hold what the contract generates."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the hook's interface
        """Generate before the files of the wheel are collected; they are git-ignored, hence the artifacts."""
        generate(Path(self.root) / "proto")
        build_data["artifacts"].extend(f"proto/**/{pattern}" for pattern in GENERATED)


def generate(proto: Path) -> None:
    """Bring all generated files under `proto` up to date with its `.proto` files; what has no source any more goes.

    Every file is replaced whole, so that two runs at once, or a reader meanwhile, never see half a file.

    Raises:
        SystemExit: protoc refused a file; it has said why on standard error.
    """
    with tempfile.TemporaryDirectory(dir=proto, prefix=".generated-") as scratch:
        out = Path(scratch)
        (out / Path(CONTRACT).parent).mkdir(parents=True)
        _compile(proto, out)
        fresh = {path.relative_to(out) for pattern in GENERATED for path in out.rglob(pattern)}
        for path in sorted(fresh):
            (proto / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).replace(proto / path)
    _remove_stale(proto, fresh)


def _compile(proto: Path, out: Path) -> None:
    """Run protoc over the contract and over the validation rules that it imports."""
    imports = out / "imports.binpb.in"
    imports.write_bytes(_imports().SerializeToString(deterministic=True))
    sources = sorted(str(path.relative_to(proto)) for path in (proto / "unified").rglob("*.proto"))
    read = ["protoc", f"-I{proto}", *_includes(), f"--descriptor_set_in={imports}"]
    _protoc([*read, f"--python_out={out}", f"--pyi_out={out}", *sources, VALIDATE])
    described = [f"--descriptor_set_out={out / CONTRACT}", "--include_imports", "--include_source_info"]
    _protoc([*read, *described, *sources, DETAILS])


def _protoc(arguments: list[str]) -> None:
    if protoc.main(arguments) != 0:
        raise SystemExit("protoc could not compile the contract; see above")


def _imports() -> descriptor_pb2.FileDescriptorSet:
    """`buf/validate/validate.proto`, which no wheel ships as source, and what it imports.

    It is taken from the descriptor inside the installed protovalidate, so the rules and their interpreter never differ.
    """
    validate = descriptor_pb2.FileDescriptorProto.FromString(validate_pb.desc().proto.to_binary())
    files = descriptor_pb2.FileDescriptorSet()
    for module in WELL_KNOWN_TYPES:
        module.DESCRIPTOR.CopyToProto(files.file.add())
    files.file.append(validate)
    return files


def _includes() -> list[str]:
    """Where Google's packages keep their protos: protobuf's in grpcio-tools, `google.api` beside its modules."""
    return [f"-I{_folder('grpc_tools') / '_proto'}", f"-I{_folder('google.rpc').parent.parent}"]


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"the package {package} is not installed: install requirements.lock first")
    return Path(next(iter(spec.submodule_search_locations)))


def _remove_stale(proto: Path, fresh: set[Path]) -> None:
    for pattern in GENERATED:
        for path in proto.rglob(pattern):
            if path.relative_to(proto) not in fresh and not path.relative_to(proto).parts[0].startswith("."):
                path.unlink(missing_ok=True)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "proto")
