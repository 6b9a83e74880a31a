"""A cluster of one machine: stand-ins for Slurm's commands, which start what they are given and set what ranks read."""

import contextlib
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = ("sbatch", "srun", "sacct", "scancel")
JOB = 4711


def install(folder: Path) -> Path:
    """The commands as programs in a folder for PATH."""
    folder.mkdir()
    for name in COMMANDS:
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(__file__)} {name} "$@"\n')
        program.chmod(0o755)
    return folder


def parameters(script: str) -> dict[str, str]:
    """What a batch script asks for."""
    found = re.findall(r"^#SBATCH --([\w-]+)(?:=(.*))?$", script, re.MULTILINE)
    return {name: shlex.split(value)[0] if value else "" for name, value in found}


def sbatch(path: str) -> None:
    """Start each job of the array, and do not wait."""
    asked = parameters(Path(path).read_text())
    jobs = int(asked["array"].partition("%")[0].split("-")[1]) + 1 if "array" in asked else 1
    for index in range(jobs):
        variables = {
            "SLURM_JOB_ID": f"{JOB + index}",
            "SLURM_JOB_NAME": asked["job-name"],
            "SLURM_NTASKS": asked["ntasks-per-node"],
            "SLURM_NTASKS_PER_NODE": asked["ntasks-per-node"],
            "SLURM_NNODES": asked["nodes"],
            "SLURM_JOB_NUM_NODES": asked["nodes"],
            "SLURM_JOB_NODELIST": "localhost",
            "SLURM_NODEID": "0",
        }
        if "array" in asked:
            variables |= {"SLURM_ARRAY_JOB_ID": f"{JOB}", "SLURM_ARRAY_TASK_ID": f"{index}"}
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.Popen(["bash", path], env={**os.environ, **variables}, start_new_session=True, **streams)
    sys.stdout.write(f"Submitted batch job {JOB}\n")


def named(pattern: str, rank: int) -> str:
    """A file's name as Slurm fills it in."""
    places = {"%A": f"{JOB}", "%a": os.environ.get("SLURM_ARRAY_TASK_ID", ""), "%j": f"{JOB}", "%t": f"{rank}"}
    return re.sub("%[Aajt]", lambda found: places[found[0]], pattern)


def srun(*arguments: str) -> None:
    """Run the command once for each task, and wait; where it is asked to, one that fails ends the others."""
    asked = "--output" in arguments  # and with it --error
    files = [arguments[arguments.index(name) + 1] for name in ("--output", "--error")] if asked else []
    command = arguments[arguments.index("--error") + 2 if asked else arguments.index(sys.executable) :]
    tasks = []
    for rank in range(int(os.environ["SLURM_NTASKS"])):
        local = rank % int(os.environ["SLURM_NTASKS_PER_NODE"])
        node = rank // int(os.environ["SLURM_NTASKS_PER_NODE"])
        variables = {"SLURM_PROCID": rank, "SLURM_LOCALID": local, "SLURM_NODEID": node, "SLURM_STEP_ID": 0}
        environment = {**os.environ, **{name: f"{value}" for name, value in variables.items()}}
        tasks.append(_task(command, environment, *(named(each, rank) for each in files)))
    while any(task.poll() is None for task in tasks):
        time.sleep(0.1)
        if "--kill-on-bad-exit=1" in arguments and any(task.poll() for task in tasks):
            for task in tasks:
                task.terminate()
            break
    sys.exit(max(abs(task.wait()) for task in tasks))


def _task(command: tuple[str, ...], environment: dict[str, str], *files: str) -> subprocess.Popen[bytes]:
    """One task, whose output goes to its files, or on."""
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(open(path, "ab")) for path in files] or [None, None]
        return subprocess.Popen(command, env=environment, stdout=streams[0], stderr=streams[1])


if __name__ == "__main__":
    if sys.argv[1] in ("sbatch", "srun"):
        {"sbatch": sbatch, "srun": srun}[sys.argv[1]](*sys.argv[2:])
    elif sys.argv[1] == "sacct":
        sys.stdout.write("JobID|State|NodeList\n")
