# Building the library for other platforms; sourced after lib.sh.

# need_target TRIPLE: sets `target_cargo` and `target_flags` to a cargo, and flags of it, that
# build for the platform. Where rustup can't fetch the standard library for it, a nightly builds
# one from sources: those rustup has, or a folder `library` (or a .tar.xz of it) that
# ROOMSEAL_RUST_SRC names and that fits the nightly.
need_target() {
    local triple=$1
    target_cargo=(cargo)
    target_flags=(--target "$triple")
    command -v rustup >/dev/null || return 0
    if rustup target list --installed | grep -qx "$triple" ||
        timeout 300 rustup --quiet target add "$triple"; then
        return 0
    fi
    say "no prebuilt standard library for $triple: building one with nightly"
    need_built_std
}

# Sets `target_cargo` to a nightly that builds the standard library, and adds the flag for that
# to `target_flags`.
need_built_std() {
    local sysroot copy
    target_flags+=(-Zbuild-std=std,panic_unwind)
    sysroot=$(rustc +nightly --print sysroot) || die "a standard library can only be built with a nightly"
    if [[ -d $sysroot/lib/rustlib/src/rust/library ]] ||
        timeout 300 rustup --quiet component add rust-src --toolchain nightly; then
        target_cargo=(cargo +nightly)
        return 0
    fi
    [[ -n ${ROOMSEAL_RUST_SRC:-} ]] ||
        die "no sources of the standard library: set ROOMSEAL_RUST_SRC"
    # A copy, so that rustup's own toolchain stays as it is. Hard links cost nothing.
    copy=$(cache_folder)/nightly
    if [[ ! -d $copy ]]; then
        mkdir -p "$(dirname "$copy")"
        cp -al "$sysroot" "$copy" 2>/dev/null || cp -a "$sysroot" "$copy"
        mkdir -p "$copy/lib/rustlib/src/rust"
        if [[ -d $ROOMSEAL_RUST_SRC ]]; then
            ln -s "$(realpath "$ROOMSEAL_RUST_SRC")" "$copy/lib/rustlib/src/rust/library"
        else
            tar -xf "$ROOMSEAL_RUST_SRC" -C "$copy/lib/rustlib/src/rust"
        fi
    fi
    target_cargo=(env "PATH=$copy/bin:$PATH" "RUSTC=$copy/bin/rustc" cargo)
}

# Where downloads stay between runs.
cache_folder() { printf '%s/roomseal' "${XDG_CACHE_HOME:-$HOME/.cache}"; }

# build_static_library TRIPLE: sets `static_library` to the library built for the platform.
# Features are the default ones: the tool and what it needs are never in it.
build_static_library() {
    local triple=$1 name=libroomseal.a
    [[ $triple != *-windows-msvc ]] || name=roomseal.lib
    need_target "$triple"
    nice "${target_cargo[@]}" rustc --quiet --release --locked --lib --crate-type staticlib \
        "${target_flags[@]}"
    # shellcheck disable=SC2034  # for the script that calls this
    static_library=${CARGO_TARGET_DIR:-target}/$triple/release/$name
}

# After build_static_library x86_64-pc-windows-gnu: its DLL and import library.
build_mingw_dll() {
    nice env CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc-posix \
        "${target_cargo[@]}" rustc --quiet --release --locked --lib --crate-type cdylib "${target_flags[@]}"
}

# check_size NAME BYTES: compares a stripped size with bindings/sizes.toml, which says what the
# names mean. More than 5 % above the record fails; with SIZES=show, for compilers other than the
# one that the record was made with, it is only said. RECORD_SIZES=1 writes the record anew.
check_size() {
    local name=$1 bytes=$2 file=bindings/sizes.toml recorded
    recorded=$(sed -n "s/^$name = //p" "$file")
    if [[ -n ${RECORD_SIZES:-} ]]; then
        if [[ -n $recorded ]]; then
            sed -i "s/^$name = .*/$name = $bytes/" "$file"
        else
            say "$name = $bytes" >>"$file"
        fi
        return
    fi
    [[ -n $recorded ]] || die "$file has no $name: run again with RECORD_SIZES=1"
    say "$name: $bytes bytes, $recorded recorded"
    ((bytes * 100 <= recorded * 105)) || [[ ${SIZES:-} == show ]] ||
        die "$name has grown by more than 5 %: make it smaller, or record it with RECORD_SIZES=1 and say why"
}

# What the tool needs must never be in a library for apps.
check_dependencies() {
    local found
    found=$(cargo tree --quiet --locked --edges normal --prefix none --target "$1" |
        grep -Eow 'clap|anyhow|comfy-table|console|indicatif|ogg|serde_json|adts-reader|cbindgen' || true)
    [[ -z $found ]] || die "the library for $1 depends on ${found//$'\n'/, }"
}
