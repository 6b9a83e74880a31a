"""What a process needs in memory: parameters, gradients, the optimizer's state, and the rest as measured."""

from __future__ import annotations

import re
import resource
from pathlib import Path

import torch
from torch import nn

FLOAT, ADAM_STATES = 4, 2


class Memory:
    """The greatest memory of a process on its device, from when this is made until it is read."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.peak = 0  # bytes
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        elif (reset := Path("/proc/self/clear_refs")).exists():
            reset.write_text("5")  # else it would be the peak of the whole process, also of reading the data

    def read(self, module: nn.Module) -> None:
        """Note the peak, and what its known parts are."""
        if self.device.type == "cuda":
            self.peak = torch.cuda.max_memory_reserved(self.device)
        else:
            self.peak = resident_peak()
        self.parts = static(module)

    @property
    def rest(self) -> int:
        """Activations and whatever else is neither parameters nor made of them."""
        return max(0, self.peak - sum(self.parts.values()))

    @property
    def total(self) -> int:
        """What the device has."""
        return total(self.device)


def static(module: nn.Module) -> dict[str, int]:
    """Bytes of parameters, gradients and AdamW's two states."""
    weights = sum(each.numel() * each.element_size() for each in (*module.parameters(), *module.buffers()))
    trained = sum(each.numel() for each in module.parameters() if each.requires_grad)
    return {"parameters": weights, "gradients": trained * FLOAT, "optimizer": trained * FLOAT * ADAM_STATES}


def total(device: torch.device) -> int:
    """Bytes that a GPU has, or that the machine can still give to a process."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    about = Path("/proc/meminfo")
    available = re.search(r"MemAvailable: +(\d+) kB", about.read_text()) if about.exists() else None
    return 1024 * int(available[1]) + resident() if available else 2**63


def resident() -> int:
    """Bytes of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def resident_peak() -> int:
    """The most of it, since the peak was last reset."""
    about = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", about.read_text()) if about.exists() else None
    return 1024 * (int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
