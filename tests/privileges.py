"""Lets the permissions of files count in a process that root starts: tests often run as root, who may do anything."""

import ctypes
import os

_PR_CAPBSET_DROP = 24  # prctl(2)
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2  # capabilities(7)


def obey_permissions() -> None:
    """For `preexec_fn`: what is started now may only do what the mode of a file allows, also as root."""
    if os.geteuid() != 0:
        return
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        if prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "root's privileges cannot be given up here")
