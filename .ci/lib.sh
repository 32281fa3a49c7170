# Shared by the scripts of this folder; sourced, not run.

# Same behaviour on a terminal and without one.
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
export CARGO_TERM_PROGRESS_WHEN=never
# Crates compiled once gain nothing from incremental files.
export CARGO_INCREMENTAL=0
# Panics that tests provoke would fill the log with backtraces.
export RUST_BACKTRACE=0

DENY_VERSION=0.20.2
FUZZ_VERSION=0.13.2

say() { printf '%s\n' "$*"; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# The version in the manifest, e.g. 1.89.
rust_version() { sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml; }

# have_crate_tool cargo-deny 0.20.2
have_crate_tool() { cargo install --list | grep -qx "$1 v$2:"; }

# Builds a tool from crates.io unless this very version is there already.
need_crate_tool() {
    if have_crate_tool "$1" "$2"; then
        say "$1 $2 is installed"
    else
        # Unoptimised: building takes a third of the time, and no check is slow.
        CARGO_PROFILE_DEV_DEBUG=0 cargo install --locked --quiet --debug "$1" --version "$2"
    fi
}

# need_commands PACKAGE COMMAND...: installs the Debian package if a command is missing.
need_commands() {
    local package=$1 command
    shift
    for command in "$@"; do
        command -v "$command" >/dev/null && continue
        command -v apt-get >/dev/null || die "$command is missing; install the equivalent of Debian's $package"
        if [[ -z ${apt_updated:-} ]]; then
            apt-get update -qq
            apt_updated=1
        fi
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
        return
    done
}

# The line of README.md's code blocks that starts with $1, without a comment behind it.
readme_command() {
    local line
    line=$(awk -v start="$1" '
        /^```/ { inside = !inside; next }
        inside && index($0, start) == 1 { sub(/ +#.*/, ""); print; exit }
    ' README.md)
    [[ -n $line ]] || die "README.md has no code line that starts with '$1'"
    say "$line"
}
