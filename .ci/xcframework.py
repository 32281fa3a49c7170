"""Lays static libraries out as an XCFramework of static frameworks, without Xcode.

    xcframework.py make HEADERS PRIVACY VERSION OUT SLICE=FOLDER...
    xcframework.py check OUT

FOLDER/ARCH.a are the libraries of a slice of SLICES; what is not there is left out. `check`
reads back what lies there.
"""

import pathlib
import plistlib
import shutil
import struct
import sys

NAME = "CRoomseal"
IDENTIFIER = "roomseal.CRoomseal"

# Deployment targets. .ci/apple builds for them: it takes them from here.
IOS, MACOS = "13.0", "11.0"
# No simulator ran on ARM before; tools take this for whatever is older.
IOS_SIMULATOR_ARM64 = "14.0"

# Platform, its variant, name in Info.plist, number in Mach-O, oldest system, architectures.
SLICES = {
    "ios-arm64": ("ios", None, "iPhoneOS", 2, IOS, ["arm64"]),
    "ios-arm64_x86_64-simulator": (
        "ios", "simulator", "iPhoneSimulator", 7, IOS, ["arm64", "x86_64"]),
    "macos-arm64_x86_64": ("macos", None, "MacOSX", 1, MACOS, ["arm64", "x86_64"]),
}
# CPU type and subtype in Mach-O, and the alignment of a slice in a universal file as a power of 2.
CPUS = {"arm64": (0x0100000C, 0, 14), "x86_64": (0x01000007, 3, 12)}

MODULE_MAP = f"""framework module {NAME} [system] {{
    header "roomseal.h"
    export *
}}
"""


def need(condition, text):
    if not condition:
        sys.exit(f"error: {text}")


# ---------------------------------------------------------------- libraries


def universal(libraries):
    """A universal file of several archives; of one, the archive itself."""
    if len(libraries) == 1:
        return next(iter(libraries.values()))
    head = struct.pack(">II", 0xCAFEBABE, len(libraries))
    position = len(head) + 20 * len(libraries)
    body = b""
    for arch, library in libraries.items():
        cpu, subtype, power = CPUS[arch]
        gap = -position % (1 << power)
        body += b"\0" * gap + library
        position += gap
        head += struct.pack(">IIIII", cpu, subtype, position, len(library), power)
        position += len(library)
    return head + body


def slices(data):
    """The archives of a file, by architecture; nothing for a single archive's."""
    if data[:8] == b"!<arch>\n":
        return {None: data}
    magic, count = struct.unpack(">II", data[:8])
    need(magic == 0xCAFEBABE, "neither an archive nor a universal file")
    names = {cpu[0]: arch for arch, cpu in CPUS.items()}
    found = {}
    for i in range(count):
        cpu, _, offset, size, power = struct.unpack(">IIIII", data[8 + 20 * i : 28 + 20 * i])
        need(offset % (1 << power) == 0, "a slice is not aligned")
        found[names[cpu]] = data[offset : offset + size]
    return found


def members(archive):
    """The object files of an archive."""
    position = 8
    while position + 60 <= len(archive):
        header = archive[position : position + 60]
        need(header[58:] == b"`\n", "a broken archive")
        size = int(header[48:58])
        content = archive[position + 60 : position + 60 + size]
        name = header[:16].decode().strip()
        if name.startswith("#1/"):  # the name stands in front of the content
            length = int(name[3:])
            name = content[:length].rstrip(b"\0").decode()
            content = content[length:]
        if not name.startswith(("__.SYMDEF", "/")):
            yield name, content
        position += 60 + size + size % 2


def platform_of(object_file):
    """CPU type, platform and oldest system of an object; version numbers as (major, minor)."""
    magic, cpu, _, _, commands = struct.unpack("<IIIII", object_file[:20])
    need(magic == 0xFEEDFACF, "not a 64-bit Mach-O object")
    # Commands that name a version alone, with the platforms they stand for.
    alone = {0x24: 1, 0x25: 2}
    platform = version = None
    position = 32
    for _ in range(commands):
        command, size = struct.unpack("<II", object_file[position : position + 8])
        if command == 0x32:
            platform, version = struct.unpack("<II", object_file[position + 8 : position + 16])
        elif command in alone:
            platform = alone[command]
            (version,) = struct.unpack("<I", object_file[position + 8 : position + 12])
        position += size
    return cpu, platform, version and (version >> 16, version >> 8 & 0xFF)


def check_library(archive, arch, number, oldest):
    """All objects are for this platform, and ask for no newer system."""
    limit = tuple(int(part) for part in oldest.split("."))
    count = 0
    for name, content in members(archive):
        cpu, platform, version = platform_of(content)
        need(cpu == CPUS[arch][0], f"{name} is not for {arch}")
        # Objects of a simulator for x86_64 may name the device's platform, as old ones did.
        fits = platform == number or (arch == "x86_64" and number == 7 and platform == 2)
        need(platform is None or fits, f"{name} is for platform {platform}, not {number}")
        need(version is None or version <= limit, f"{name} needs {version}, not {oldest}")
        count += 1
    need(count > 0, "an empty archive")
    return count


# ---------------------------------------------------------------- make


def framework_plist(slice_name, version):
    platform, _, supported, _, oldest, _ = SLICES[slice_name]
    return {
        "CFBundleDevelopmentRegion": "en",
        "CFBundleExecutable": NAME,
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": NAME,
        "CFBundlePackageType": "FMWK",
        "CFBundleShortVersionString": version,
        "CFBundleSupportedPlatforms": [supported],
        "CFBundleVersion": version,
        "LSMinimumSystemVersion" if platform == "macos" else "MinimumOSVersion": oldest,
    }


def write_plist(path, content):
    path.write_bytes(plistlib.dumps(content))


def make_framework(folder, slice_name, libraries, headers, privacy, version):
    """One static framework. On macOS its parts stand in a version, with links to them."""
    framework = folder / f"{NAME}.framework"
    deep = SLICES[slice_name][0] == "macos"
    inside = framework / "Versions" / "A" if deep else framework
    resources = inside / "Resources" if deep else inside
    (inside / "Modules").mkdir(parents=True)
    resources.mkdir(exist_ok=True)
    shutil.copytree(headers, inside / "Headers", ignore=shutil.ignore_patterns("*.modulemap"))
    (inside / "Modules" / "module.modulemap").write_text(MODULE_MAP)
    (inside / NAME).write_bytes(universal(libraries))
    write_plist(resources / "Info.plist", framework_plist(slice_name, version))
    shutil.copy(privacy, resources / "PrivacyInfo.xcprivacy")
    if deep:
        (framework / "Versions" / "Current").symlink_to("A")
        for part in [NAME, "Headers", "Modules", "Resources"]:
            (framework / part).symlink_to(f"Versions/Current/{part}")
    return str((inside / NAME).relative_to(folder))


def make(headers, privacy, version, out, *given):
    out = pathlib.Path(out)
    shutil.rmtree(out, ignore_errors=True)
    listed = []
    for argument in given:
        slice_name, _, source = argument.partition("=")
        platform, variant, _, _, _, archs = SLICES[slice_name]
        files = {arch: pathlib.Path(source) / f"{arch}.a" for arch in archs}
        libraries = {arch: file.read_bytes() for arch, file in files.items() if file.is_file()}
        need(libraries, f"nothing for {slice_name}")
        binary = make_framework(
            out / slice_name, slice_name, libraries, headers, privacy, version)
        entry = {
            "BinaryPath": binary,
            "LibraryIdentifier": slice_name,
            "LibraryPath": f"{NAME}.framework",
            "SupportedArchitectures": list(libraries),
            "SupportedPlatform": platform,
        }
        if variant:
            entry["SupportedPlatformVariant"] = variant
        listed.append(entry)
    write_plist(
        out / "Info.plist",
        {
            "AvailableLibraries": listed,
            "CFBundlePackageType": "XFWK",
            "XCFrameworkFormatVersion": "1.0",
        },
    )


# ---------------------------------------------------------------- check


def read_plist(path):
    return plistlib.loads(path.read_bytes())


def check(out):
    out = pathlib.Path(out)
    libraries = read_plist(out / "Info.plist")["AvailableLibraries"]
    need(libraries, "no slices")
    for entry in libraries:
        slice_name = entry["LibraryIdentifier"]
        _, _, _, number, oldest, archs = SLICES[slice_name]
        folder = out / slice_name
        framework = folder / entry["LibraryPath"]
        resources = framework / "Resources"
        info = read_plist((resources if resources.is_dir() else framework) / "Info.plist")
        need(info["CFBundleExecutable"] == NAME, f"{slice_name} has another executable")
        need((framework / NAME).resolve() == (folder / entry["BinaryPath"]).resolve(), "two binaries")
        found = slices((framework / NAME).read_bytes())
        if None in found:
            found = {entry["SupportedArchitectures"][0]: found[None]}
        need(list(found) == entry["SupportedArchitectures"], f"{slice_name} is for {list(found)}")
        need(set(found) <= set(archs), f"{slice_name} is for {list(found)}")
        for arch, archive in found.items():
            system = IOS_SIMULATOR_ARM64 if (arch, number) == ("arm64", 7) else oldest
            count = check_library(archive, arch, number, system)
            print(f"{slice_name} {arch}: {count} objects, {system} or newer")
        for part in ["Headers/roomseal.h", "Modules/module.modulemap"]:
            need((framework / part).is_file(), f"{slice_name} has no {part}")
        privacy = read_plist(
            (resources if resources.is_dir() else framework) / "PrivacyInfo.xcprivacy")
        need(privacy["NSPrivacyTracking"] is False, "the manifest tracks")
        need(privacy["NSPrivacyTrackingDomains"] == [], "the manifest has tracking domains")
        need(privacy["NSPrivacyCollectedDataTypes"] == [], "the manifest collects")


if __name__ == "__main__":
    {"make": make, "check": check}[sys.argv[1]](*sys.argv[2:])
