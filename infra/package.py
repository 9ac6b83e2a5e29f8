"""`make package`: what is deployed to AWS, as build/package/template.json and build/package/deployment.zip.

Chalice packages the functions; the files of this folder are merged into its template in alphabetical order. It says
"Could not install dependencies" and succeeds all the same, so the zip is unpacked and imported before it counts.
"""

import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import Any

from chalice.package import TemplateDeepMerger, YAMLTemplateSerializer

from chalicelib.settings import Settings

ROOT = Path(__file__).parents[1]
INFRA = ROOT / "infra"
OUT = ROOT / "build" / "package"
CHALICE_KEEPS = ROOT / ".chalice" / "deployments"
CHALICE_STAGE = "aws"  # one package for every stage; which one a stack is, its parameter says
MOST_UNPACKED = 250 * 2**20  # bytes; Lambda takes no more
ON_LAMBDA = "/var/task"

Template = dict[str, Any]


class PackageError(Exception):
    """Its text is one sentence for the person at the terminal."""


def main() -> int:
    """The exit status: 0, or 1 with what is wrong on standard error."""
    try:
        make()
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def make() -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise PackageError("The functions run on Linux (x86_64) and are tried before they are shipped: package there.")
    shutil.rmtree(OUT, ignore_errors=True)
    run_chalice()
    template = complete(json.loads((OUT / "sam.json").read_text("utf-8")))
    (OUT / "sam.json").unlink()
    archive = OUT / "deployment.zip"
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        add_bytecode(archive, Path(folder))
        unpacked = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        if unpacked > MOST_UNPACKED:
            raise PackageError(f"It is {megabytes(unpacked)} unpacked, and Lambda takes {megabytes(MOST_UNPACKED)}.")
        milliseconds = imported(Path(folder), template)
    (OUT / "template.json").write_text(json.dumps(template, indent=2, ensure_ascii=False) + "\n", "utf-8")
    version = ".".join(platform.python_version_tuple()[:2])
    print(f"{shown(archive)}: {megabytes(archive.stat().st_size)}, {megabytes(unpacked)} unpacked, Python {version}")
    print(f"{shown(OUT / 'template.json')}: {len(template['Resources'])} resources")
    print(f"app.py imports from it in {milliseconds} ms")


def run_chalice() -> None:
    """Into OUT, with no setting of whoever packages. No AWS account is asked; Chalice only wants a region's name."""
    environment = {name: value for name, value in os.environ.items() if name.lower() not in Settings.__struct_fields__}
    environment.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    command = [str(Path(sys.executable).with_name("chalice")), "package", "--stage", CHALICE_STAGE, str(OUT)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True)
    said = ended.stdout + ended.stderr
    if ended.returncode or "Could not install dependencies" in said:
        shutil.rmtree(CHALICE_KEEPS, ignore_errors=True)  # or the incomplete zip would be used again
        raise PackageError(f"Chalice could not make the package:\n{said.strip()}")


def complete(template: Template) -> Template:
    """Chalice's template with what this folder has, and with a deployment of the socket that knows every route."""
    yaml, merger = YAMLTemplateSerializer(), TemplateDeepMerger()
    for path in sorted(INFRA.glob("*.yaml")):
        template = merger.merge(yaml.load_template(path.read_text("utf-8"), str(path)), template)
    redeploy_socket(template["Resources"])
    return template


def redeploy_socket(resources: Template) -> None:
    """Name the socket's deployment for the routes it has.

    API Gateway goes on serving the routes of the last deployment, and CloudFormation makes another one only
    when there is one of another name.
    """
    kinds = ("AWS::ApiGatewayV2::Route", "AWS::ApiGatewayV2::Integration")
    served = {name: resource for name, resource in resources.items() if resource["Type"] in kinds}
    digest = sha256(json.dumps(served, sort_keys=True).encode()).hexdigest()[:10]
    deployment = resources.pop("WebsocketAPIDeployment")
    deployment["DependsOn"] = sorted(name for name in served if name.endswith("Route"))
    resources[f"WebsocketAPIDeployment{digest}"] = deployment
    resources["WebsocketAPIStage"]["Properties"]["DeploymentId"] = {"Ref": f"WebsocketAPIDeployment{digest}"}


def add_bytecode(archive: Path, folder: Path) -> None:
    """Put the bytecode of every module into the zip: Lambda cannot write any, and would compile at each cold start.

    Unchecked, because Lambda need not keep the times of the sources.
    """
    for stale in folder.rglob("*.pyc"):  # of the interpreter that somebody ran the sources with
        stale.unlink()
    compileall.compile_dir(
        folder,
        quiet=2,
        workers=0,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
        stripdir=str(folder),
        prependdir=ON_LAMBDA,
    )
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*.pyc")):
            packed.write(path, path.relative_to(folder))


def imported(folder: Path, template: Template) -> int:
    """Import everything of ours from `folder` alone and find each function's handler; milliseconds for app.py."""
    functions = [r for r in template["Resources"].values() if r["Type"] == "AWS::Serverless::Function"]
    handlers = sorted(function["Properties"]["Handler"] for function in functions)
    command = [sys.executable, "-I", "-S", str(INFRA / "importable.py"), str(folder), *handlers]
    tried = subprocess.run(command, env={}, text=True, capture_output=True)
    if tried.returncode:
        raise PackageError(f"The package cannot be imported:\n{tried.stderr.strip()}")
    return int(tried.stdout)


def megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB"


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


if __name__ == "__main__":
    sys.exit(main())
