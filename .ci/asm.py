"""Follows secrets through the disassembly of the x86-64 kernels.

    python3 .ci/asm.py LIBRARY [FUNCTION]

Without FUNCTION: every kernel function of every backend in LIBRARY, and it is an
error if one is missing. Otherwise the functions of that name.

It is a forward data flow analysis over the instructions of one function at a time,
until nothing changes. Every general register, every byte of the function's own
stack and the flags hold one of:

    rodata    an address in the library's constants; what is read there is public.
              Known ones lead from an indirect jump to the entries of its table
    call      an address of a call's description (pointers, lengths, nonce, counter,
              fill of a block); a general register reads public values there
    public    a number or an address that may steer; what is read there is secret
    secret    depends on key, text, associated data or hash

Vector registers are secret always, and so is what leaves one for a general register
or a mask by a comparison. What is reported: a conditional jump on secret flags, an
indirect jump to a secret address, an address with a secret part in it, a gather or
scatter, a call that is neither one that ends in a panic nor of a named function that
copies or fills with public lengths, any instruction that the script doesn't know
in a general register, and round keys spilled where calls promise to leave none.

What it doesn't show: that the processor runs each instruction in a time of its own
(AES, carry-less multiplications, shuffles, shifts and logic are said to be so by its
makers), anything about caches or speculation, and anything of the code around the
kernels. A call's description is trusted to be public where a general register reads
it: the hash so far and the key stream of a part of a block lie there too, and only
vector registers are seen to read these.
"""

import re
import struct
import subprocess
import sys

RODATA, CALL, PUBLIC, SECRET = "rodata", "call", "public", "secret"

# Integer arguments in order, by function.
ARGUMENTS = {
    "set_up": [PUBLIC, PUBLIC],
    "expand_key": [PUBLIC, PUBLIC],
    "add_key_stream": [PUBLIC, CALL, CALL, PUBLIC],
    "hash": [PUBLIC, CALL, PUBLIC, PUBLIC],
    "encrypt_segment": [PUBLIC, CALL, CALL, CALL],
    "decrypt_segment": [PUBLIC, CALL, CALL, CALL],
    "tag": [PUBLIC, PUBLIC, CALL, PUBLIC, PUBLIC],
    "seal": [PUBLIC, PUBLIC, CALL, CALL, CALL],
    "decrypt": [PUBLIC, PUBLIC, CALL, CALL, CALL],
}
# Bytes of its stack that a function may write from vector registers, where nothing
# of the key may be left there: a block of key stream, read from any of its bytes on
# and wiped.
SPILL = {"add_key_stream": 32, "expand_key": 0}
BACKENDS = ["aes_ni", "vaes", "vaes512"]
ORDER = ["rdi", "rsi", "rdx", "rcx", "r8", "r9"]

NAMES = {}
for base in ["ax", "bx", "cx", "dx"]:
    for name in ["r" + base, "e" + base, base, base[0] + "l", base[0] + "h"]:
        NAMES[name] = "r" + base
for base in ["si", "di", "bp", "sp"]:
    for name in ["r" + base, "e" + base, base, base + "l"]:
        NAMES[name] = "r" + base
for n in range(8, 16):
    for suffix in ["", "d", "w", "b"]:
        NAMES[f"r{n}{suffix}"] = f"r{n}"
WIDE = {n for n in NAMES if n.startswith(("r", "e")) and not n.endswith(("b", "w"))}

MOVES = {"mov", "movl", "movq", "movb", "movw", "movabs", "movzbl", "movzwl", "movzbw", "movslq",
         "movsbl", "movswl", "movsbq", "movswq", "movzbq", "movzwq", "movbe", "movsww", "cltq", "cwtl"}
ARITHMETIC = {"add", "sub", "and", "or", "xor", "adc", "sbb", "shl", "shr", "sar", "rol", "ror",
              "imul", "shld", "shrd", "andn", "bzhi", "shlx", "shrx", "sarx", "rorx", "bts", "btr",
              "pext", "pdep", "lzcnt", "tzcnt", "bsr", "bsf", "popcnt", "xadd", "bextr", "blsr"}
SINGLE = {"inc", "dec", "neg", "not", "bswap"}
KEEPS_FLAGS = {"not", "bswap", "shlx", "shrx", "sarx", "rorx", "pext", "pdep", "lea"}
PANICS = re.compile(r"panick?|_fail|unwrap_failed|expect_failed|assert_failed")
COPIES = re.compile(r"<?(memcpy|memset|memmove)(@plt|@GLIBC[^>]*)?>?$")


def simple(value):
    """Without what is known of an address besides."""
    if isinstance(value, tuple):
        return RODATA if value[0] == "at" else PUBLIC
    return value


def is_stack(value):
    return isinstance(value, tuple) and value[0] == "stack"


def join(a, b):
    if a == b:
        return a
    a, b = simple(a), simple(b)
    if a == b:
        return a
    if SECRET in (a, b):
        return SECRET
    return PUBLIC


class Memory:
    """A memory operand."""

    def __init__(self, text):
        self.segment = ":" in text
        text = text.split(":")[-1]
        m = re.match(r"^(-?0x[0-9a-f]+|-?\d+)?\((.*)\)$", text)
        if not m:
            self.offset, self.base, self.index = 0, None, None
            return
        self.offset = int(m.group(1) or "0", 0)
        parts = [p.strip().lstrip("%") for p in m.group(2).split(",")]
        self.base = parts[0] or None
        self.index = parts[1] if len(parts) > 1 else None


def split_operands(text):
    text = re.sub(r"\s*(#|<).*$", "", text) if "(" in text or "%" in text or "$" in text else text
    out, depth, part = [], 0, ""
    for c in text:
        if c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
        if c == "," and depth == 0:
            out.append(part.strip())
            part = ""
        else:
            part += c
    if part.strip():
        out.append(part.strip())
    return out


class Library:
    """An ELF file for 64 bits, little endian: what lies at its addresses."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        offset, = struct.unpack_from("<Q", self.bytes, 32)
        size, count = struct.unpack_from("<HH", self.bytes, 54)
        # What the addresses lead to that the loader fills in.
        self.slots = {}
        self.segments = []
        for n in range(count):
            kind, _, start, address, _, length = struct.unpack_from("<IIQQQQ", self.bytes, offset + n * size)
            if kind == 1:
                self.segments.append((address, start, length))

    def word(self, address):
        for at, start, length in self.segments:
            if at <= address <= at + length - 4:
                return struct.unpack_from("<i", self.bytes, start + address - at)[0]
        return None


class Function:
    def __init__(self, library, name, kind, lines):
        self.library, self.name, self.kind = library, name, kind
        self.code = []  # (address, mnemonic, operands, text)
        for line in lines:
            m = re.match(r"^\s+([0-9a-f]+):\s+(\S.*)$", line)
            if not m:
                continue
            text = m.group(2).strip()
            words = text.split(None, 1)
            while words[0] in ("notrack", "bnd", "rep", "repz", "data16", "cs", "lock", "ds") and len(words) > 1:
                words = words[1].split(None, 1)
            operands = words[1] if len(words) > 1 else ""
            self.code.append((int(m.group(1), 16), words[0], operands, text))
        named = (re.search(r"^lea .*\(%rip\).*# ([0-9a-f]+)", c[3]) for c in self.code)
        self.named = {int(m.group(1), 16) for m in named if m}
        self.at = {c[0]: i for i, c in enumerate(self.code)}
        self.faults = {}
        self.spilled = set()

    def fault(self, i, what):
        self.faults[(i, what)] = f"{self.name} {self.code[i][0]:x}: {what}: {self.code[i][3]}"

    # A state is (registers, masks, stack bytes, flags, stack depth).
    def run(self):
        registers = {r: PUBLIC for r in set(NAMES.values())}
        for register, value in zip(ORDER, ARGUMENTS[self.kind]):
            registers[register] = value
        registers["rsp"] = ("stack", 0)
        start = {"r": registers, "k": {}, "m": {}, "f": PUBLIC}
        self.states = {0: start}
        work = [0]
        while work:
            i = work.pop()
            state = {key: dict(v) if isinstance(v, dict) else v for key, v in self.states[i].items()}
            for following in self.step(i, state):
                if following >= len(self.code):
                    continue
                if self.merge(following, state):
                    work.append(following)

    def merge(self, i, state):
        if i not in self.states:
            self.states[i] = {key: dict(v) if isinstance(v, dict) else v for key, v in state.items()}
            return True
        old, changed = self.states[i], False
        for r, value in state["r"].items():
            now = join(old["r"][r], value)
            if now != old["r"][r]:
                old["r"][r] = now
                changed = True
        for k in set(old["k"]) | set(state["k"]):
            now = join(old["k"].get(k, PUBLIC), state["k"].get(k, PUBLIC))
            if now != old["k"].get(k, PUBLIC):
                old["k"][k] = now
                changed = True
        # A byte that is known on one way only is unknown, so secret.
        for b in list(old["m"]):
            now = join(old["m"][b], state["m"].get(b, SECRET))
            if now != old["m"][b]:
                old["m"][b] = now
                changed = True
        now = join(old["f"], state["f"])
        if now != old["f"]:
            old["f"] = now
            changed = True
        return changed

    def place(self, i, state, memory):
        """What an address is, and whether its parts may be in one."""
        r = state["r"]
        if memory.base == "rip":
            return RODATA
        base = r[NAMES[memory.base]] if memory.base in NAMES else PUBLIC
        index = r[NAMES[memory.index]] if memory.index in NAMES else None
        base, index = (v if is_stack(v) else simple(v) for v in (base, index))
        if memory.index is not None and memory.index not in NAMES:
            self.fault(i, "address from a vector")
        if SECRET in (base, index):
            self.fault(i, "address from a secret")
            return SECRET
        if is_stack(base):
            return ("stack", base[1] + memory.offset) if index is None else ("anywhere", 0)
        if is_stack(index):
            return ("anywhere", 0)
        if base == CALL:
            return CALL if index is None else PUBLIC
        if RODATA in (base, index):
            return RODATA
        return PUBLIC

    def load(self, i, state, memory, size):
        place = self.place(i, state, memory)
        if isinstance(place, tuple):
            if place[0] == "anywhere":
                return SECRET
            value = None
            for b in range(place[1], place[1] + size):
                # Above the frame: arguments.
                here = state["m"].get(b, PUBLIC if b >= 8 else SECRET)
                value = here if value is None else join(value, here)
            return value
        return PUBLIC if place in (RODATA, CALL) else SECRET

    def store(self, i, state, memory, size, value):
        place = self.place(i, state, memory)
        if isinstance(place, tuple):
            if place[0] == "anywhere":
                if value == SECRET:
                    for b in state["m"]:
                        state["m"][b] = SECRET
                return
            for b in range(place[1], place[1] + size):
                state["m"][b] = value

    @staticmethod
    def width(mnemonic, operands):
        for o in operands:
            m = re.match(r"^%([a-z0-9]+)", o)
            if m:
                n = m.group(1)
                if n.startswith("zmm"):
                    return 64
                if n.startswith("ymm"):
                    return 32
                if n.startswith("xmm"):
                    return 16
                if n in NAMES:
                    if n.startswith("e") or (n.startswith("r") and n.endswith("d")):
                        return 4
                    if n.startswith("r") and not n.endswith(("w", "b")):
                        return 8
                    return 2 if n.endswith("w") or len(n) == 2 and n[1] in "xip" else 1
        return {"b": 1, "w": 2, "l": 4, "q": 8}.get(mnemonic[-1], 8)

    def value(self, i, state, operand, size):
        if operand.startswith("$"):
            return PUBLIC
        if operand.startswith("%"):
            name = operand[1:].split("{")[0]
            if name in NAMES:
                return state["r"][NAMES[name]]
            if re.match(r"^k[0-7]$", name):
                return state["k"].get(name, PUBLIC)
            return SECRET
        return self.load(i, state, Memory(operand), size)

    def write(self, i, state, operand, size, value):
        if operand.startswith("%"):
            name = operand[1:].split("{")[0]
            if name in NAMES:
                if name not in WIDE:
                    value = join(state["r"][NAMES[name]], value)
                state["r"][NAMES[name]] = value
            elif re.match(r"^k[0-7]$", name):
                state["k"][name] = value
            return
        self.store(i, state, Memory(operand), size, value)

    def step(self, i, state):
        address, mnemonic, text, _ = self.code[i]
        r = state["r"]
        if mnemonic.startswith("j"):
            if mnemonic == "jmp" and text.startswith("*"):
                target = text[1:].strip()
                value = self.value(i, state, target, 8)
                if value == SECRET:
                    self.fault(i, "jump to a secret address")
                if isinstance(value, tuple) and value[0] == "target":
                    return self.table(value[1])
                self.fault(i, "jump without a table that is known")
                return []
            target = int(text.split()[0], 16)
            goes = [self.at[target]] if target in self.at else []
            if mnemonic == "jmp":
                return goes
            if state["f"] == SECRET:
                self.fault(i, "conditional jump on a secret")
            return goes + [i + 1]
        operands = split_operands(text)
        plain = re.sub(r"[bwlq]$", "", mnemonic)
        if mnemonic in ("ret", "ud2", "hlt", "int3"):
            return []
        if mnemonic in ("nop", "nopw", "nopl", "endbr64", "vzeroupper") or text == "%ax,%ax":
            return [i + 1]
        if mnemonic == "call":
            callee = text.split(None, 1)[-1]
            m = re.match(r"^\*.*\(%rip\)\s+# ([0-9a-f]+)", text)
            if m:
                callee = self.library.slots.get(int(m.group(1), 16), text)
            if PANICS.search(callee):
                return []
            if COPIES.search(callee) or re.search(r"mem(cpy|set|move)", callee):
                if r["rdx"] == SECRET:
                    self.fault(i, "copy of a secret length")
                if "memset" not in callee or r["rsi"] == SECRET:
                    for b in state["m"]:
                        state["m"][b] = SECRET
            else:
                self.fault(i, "call that is not known")
            for name in ("rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"):
                r[name] = SECRET
            return [i + 1]
        if "gather" in mnemonic or "scatter" in mnemonic or mnemonic == "xlat":
            self.fault(i, "gather or scatter")
            return [i + 1]
        if mnemonic == "push":
            depth = r["rsp"][1] - 8
            value = self.value(i, state, operands[0], 8)
            r["rsp"] = ("stack", depth)
            for b in range(depth, depth + 8):
                state["m"][b] = value
            return [i + 1]
        if mnemonic == "pop":
            depth = r["rsp"][1]
            self.write(i, state, operands[0], 8, state["m"].get(depth, PUBLIC))
            r["rsp"] = ("stack", depth + 8)
            return [i + 1]
        if operands and operands[-1] == "%rsp":
            if mnemonic in ("add", "sub", "addq", "subq") and operands[0].startswith("$"):
                amount = int(operands[0][1:], 0)
                if amount >= 1 << 63:
                    amount -= 1 << 64
                r["rsp"] = ("stack", r["rsp"][1] + (amount if "add" in mnemonic else -amount))
            elif plain == "and" and operands[0].startswith("$"):
                # Aligned: from here on offsets count from a place of their own.
                r["rsp"] = ("stack", r["rsp"][1] - 4096)
            elif plain == "lea":
                memory = Memory(operands[0])
                base = r[NAMES[memory.base]]
                r["rsp"] = ("stack", base[1] + memory.offset) if is_stack(base) else ("stack", 0)
            elif plain == "mov":
                base = r[NAMES[operands[0][1:]]]
                r["rsp"] = base if is_stack(base) else ("stack", 0)
            else:
                self.fault(i, "stack pointer")
            return [i + 1]
        if mnemonic.startswith("cmov"):
            size = self.width(mnemonic, operands)
            value = join(self.value(i, state, operands[0], size), self.value(i, state, operands[1], size))
            self.write(i, state, operands[1], size, join(value, state["f"]))
            return [i + 1]
        if mnemonic.startswith("set"):
            self.write(i, state, operands[0], 1, state["f"])
            return [i + 1]
        if plain == "lea":
            memory = Memory(operands[0])
            value = self.lea(i, state, memory)
            self.write(i, state, operands[1], 8, value)
            return [i + 1]
        vector = [o for o in operands if re.match(r"^%[xyz]mm", o)]
        masks = [o for o in operands if re.match(r"^%k[0-7]$", o)]
        if mnemonic.startswith("k"):
            if mnemonic.startswith(("ktest", "kortest")):
                state["f"] = join(*[self.value(i, state, o, 8) for o in operands[:2]])
            else:
                value = PUBLIC
                for o in operands[:-1]:
                    value = join(value, self.value(i, state, o, 8))
                self.write(i, state, operands[-1], 8, value)
            return [i + 1]
        if vector or mnemonic.startswith(("v", "prefetch")):
            # Addresses are looked at; the values are secret.
            size = self.width(mnemonic, vector)
            for o in operands[:-1]:
                if "(" in o and not o.startswith("%"):
                    self.place(i, state, Memory(o))
            last = operands[-1]
            if "(" in last and not last.startswith("%"):
                if mnemonic in ("vmovq", "vmovlps", "vmovhps", "vmovlpd", "vmovhpd", "movq", "movhps", "vpextrq"):
                    size = 8
                elif mnemonic in ("vmovd", "movd", "vmovss", "vpextrd"):
                    size = 4
                self.store(i, state, Memory(last), size, SECRET)
                place = self.place(i, state, Memory(last))
                if isinstance(place, tuple):
                    self.spilled.update(range(place[1], place[1] + size))
                    if self.kind in SPILL and len(self.spilled) > SPILL[self.kind]:
                        self.fault(i, "vectors on the stack")
            elif last.startswith("%") and last[1:].split("{")[0] in NAMES:
                self.write(i, state, last, 8, SECRET)
            elif masks and last in masks:
                self.write(i, state, last, 8, SECRET)
            if "test" in mnemonic or "comis" in mnemonic:
                state["f"] = SECRET
            return [i + 1]
        name = next((m for m in (mnemonic, plain) if m in MOVES | ARITHMETIC | SINGLE | {"cmp", "test", "bt"}), None)
        if name is None:
            if mnemonic in ("mul", "div", "mulq", "divq"):
                value = join(self.value(i, state, operands[0], 8), join(r["rax"], r["rdx"]))
                r["rax"] = r["rdx"] = state["f"] = value
                return [i + 1]
            if mnemonic in ("cltd", "cqto"):
                r["rdx"] = r["rax"]
                return [i + 1]
            if mnemonic == "mulx":
                value = join(self.value(i, state, operands[0], 8), r["rdx"])
                for o in operands[1:]:
                    self.write(i, state, o, 8, value)
                return [i + 1]
            self.fault(i, "instruction that is not known")
            return [i + 1]
        size = self.width(mnemonic, operands)
        if name in MOVES:
            if len(operands) == 2:
                source = size
                if mnemonic.startswith(("movzb", "movsb")):
                    source = 1
                elif mnemonic.startswith(("movzw", "movsw")):
                    source = 2
                elif mnemonic == "movslq":
                    source = 4
                if "(" in operands[0] and not operands[0].startswith("%"):
                    memory = Memory(operands[0])
                    value = self.load(i, state, memory, source)
                    base = r.get(NAMES.get(memory.base))
                    if mnemonic == "movslq" and isinstance(base, tuple) and base[0] == "at" and value != SECRET:
                        value = ("entry", base[1])
                else:
                    value = self.value(i, state, operands[0], size)
                self.write(i, state, operands[1], size, value)
            return [i + 1]
        if name in ("cmp", "test", "bt"):
            values = [self.value(i, state, o, size) for o in operands]
            state["f"] = self.number(values)
            return [i + 1]
        if name in SINGLE:
            value = self.value(i, state, operands[0], size)
            self.write(i, state, operands[0], size, value if name in ("inc", "dec") else self.number([value]))
            if name not in KEEPS_FLAGS:
                state["f"] = self.number([value])
            return [i + 1]
        # The same register twice: zero.
        if name in ("xor", "sub") and len(operands) == 2 and operands[0] == operands[1]:
            self.write(i, state, operands[1], size, PUBLIC)
            state["f"] = PUBLIC
            return [i + 1]
        values = [self.value(i, state, o, size) for o in operands]
        # The third operand of these is written only.
        if name in ("shlx", "shrx", "sarx", "rorx", "andn", "bzhi", "pext", "pdep", "bextr", "lzcnt", "tzcnt", "popcnt") \
                or name == "imul" and len(operands) == 3:
            values = values[:-1]
        value = self.sum(values) if name in ("add", "sub") else self.number(values)
        if name in ("adc", "sbb"):
            value = join(value, state["f"])
        if name == "sbb" and operands[0] == operands[-1]:
            value = state["f"]
        self.write(i, state, operands[-1], size, value)
        if name not in KEEPS_FLAGS:
            state["f"] = self.number([value])
        return [i + 1]

    def table(self, address):
        """Where the entries of a jump table lead: up to the next address that is named."""
        found = []
        end = min((a for a in self.named if a > address), default=address + 4096)
        while address + 4 * len(found) < end:
            entry = self.library.word(address + 4 * len(found))
            target = self.at.get(address + entry) if entry is not None else None
            if target is None:
                break
            found.append(target)
        return found

    @staticmethod
    def number(values):
        return SECRET if SECRET in values else PUBLIC

    @staticmethod
    def sum(values):
        """An address and a public number are an address of that kind still."""
        if SECRET in values:
            return SECRET
        for a, b in (values, values[::-1]) if len(values) == 2 else ():
            if isinstance(a, tuple) and isinstance(b, tuple) and a[0] == "at" and b == ("entry", a[1]):
                return ("target", a[1])
        values = [simple(v) for v in values]
        special = [v for v in values if v != PUBLIC]
        if len(special) == 1 and special[0] == RODATA:
            return RODATA
        return PUBLIC

    def lea(self, i, state, memory):
        r = state["r"]
        if memory.base == "rip":
            m = re.search(r"# ([0-9a-f]+)", self.code[i][3])
            return ("at", int(m.group(1), 16)) if m else RODATA
        base = r[NAMES[memory.base]] if memory.base in NAMES else PUBLIC
        index = r[NAMES[memory.index]] if memory.index in NAMES else None
        if is_stack(base) and index is None:
            return ("stack", base[1] + memory.offset)
        if base == CALL and index is None:
            return CALL
        parts = [v for v in (base, index) if v is not None]
        return self.sum(parts)


def disassemble(library):
    """Functions by name: the demangled path without its hash, and the lines."""
    command = ["objdump", "-d", "-C", "-w", "--no-show-raw-insn", library]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    functions, addresses, name = {}, {}, None
    for line in text.splitlines():
        m = re.match(r"^([0-9a-f]+) <(.*)>:$", line)
        if m:
            name = re.sub(r"::h[0-9a-f]{16}$", "", m.group(2))
            addresses[int(m.group(1), 16)] = name
            functions[name] = []
        elif name is not None:
            functions[name].append(line)
    return functions, addresses


def slots(library, addresses):
    """Names of the functions behind the addresses that the loader fills in."""
    text = subprocess.run(["objdump", "-R", library], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and words[1].startswith("R_X86_64_"):
            m = re.match(r"^\*ABS\*\+0x([0-9a-f]+)$", words[2])
            found[int(words[0], 16)] = addresses.get(int(m.group(1), 16), "unknown") if m else words[2]
    return found


def main():
    library, only = sys.argv[1], sys.argv[2:]
    functions, addresses = disassemble(library)
    if only:
        wanted = [(n, n.split("::")[-1]) for n in functions if n.split("::")[-1] in only]
    else:
        wanted = [(f"roomseal::simd::x86::{b}::{k}", k) for b in BACKENDS for k in ARGUMENTS]
    missing = [n for n, _ in wanted if n not in functions]
    if missing or not wanted:
        print(f"not in {library}: {', '.join(missing) or only}")
        return 1
    opened = Library(library)
    opened.slots = slots(library, addresses)
    faults, instructions, jumps = [], 0, 0
    for name, kind in wanted:
        function = Function(opened, name.replace("roomseal::simd::x86::", ""), kind, functions[name])
        function.run()
        reached = [function.code[i] for i in function.states]
        instructions += len(reached)
        jumps += sum(c[1].startswith("j") and c[1] != "jmp" for c in reached)
        faults += function.faults.values()
    for fault in faults:
        print(fault)
    print(f"{len(wanted)} functions, {instructions} instructions, {jumps} conditional jumps looked over: "
          f"{len(faults)} on a secret")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
