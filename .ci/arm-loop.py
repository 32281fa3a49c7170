#!/usr/bin/env python3
"""Cuts the bulk loop out of a function of the AArch64 kernel, for llvm-mca.

    arm-loop.py DISASSEMBLY NAME

The loop is the shortest one with ten rounds of eight blocks and 24 multiplications
and two that reduce. Prints it as assembly, without addresses.
"""

import re
import sys

LINE = re.compile(r"\s*([0-9a-f]+):\s+(\S+)\s*([^/<]*)")


def function(path, name):
    """Instructions of a function: address, mnemonic, operands."""
    label = f"<roomseal::simd::aarch64::aarch64_aes::{name}>:"
    inside, found = False, []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.rstrip().endswith(">:"):
                inside = label in line
            elif inside and (match := LINE.match(line)):
                found.append((int(match[1], 16), match[2], match[3].strip()))
    return found


def target(operands):
    """Where a branch goes."""
    return int(operands.split()[-1], 16)


def is_branch(mnemonic):
    return mnemonic == "b" or mnemonic.startswith(("b.", "cb", "tb"))


def bulk_loop(code):
    places = {address: i for i, (address, _, _) in enumerate(code)}
    loops = []
    for end, (_, mnemonic, operands) in enumerate(code):
        start = places.get(target(operands)) if is_branch(mnemonic) else None
        if start is not None and start < end:
            body = code[start : end + 1]
            count = [sum(i[1].startswith(m) for i in body) for m in ("aese", "aesmc", "pmull")]
            if count == [80, 72, 26]:
                loops.append(body)
    return min(loops, key=len) if loops else None


def main():
    body = bulk_loop(function(sys.argv[1], sys.argv[2]))
    if body is None:
        sys.exit(f"{sys.argv[2]}: no loop of eight blocks")
    for _, mnemonic, operands in body:
        # A branch ends nothing here: where it goes makes no difference.
        print("nop" if is_branch(mnemonic) else f"{mnemonic} {operands}")


main()
