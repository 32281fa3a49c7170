# Building the library for other platforms; sourced after lib.sh.

# need_target TRIPLE: sets `target_cargo` and `target_flags` to a cargo, and flags of it, that
# build for the platform. Where rustup can't fetch the standard library for it, a nightly builds
# one from sources: those rustup has, or a folder `library` (or a .tar.xz of it) that
# ROOMSEAL_RUST_SRC names and that fits the nightly. Without sources, says so and returns 1.
need_target() {
    local triple=$1
    # Asked for once: what rustup hasn't now it won't have for the next call.
    [[ ${target_triple:-} != "$triple" ]] || return 0
    target_cargo=(cargo)
    target_flags=(--target "$triple")
    if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx "$triple" &&
        ! timeout 300 rustup --quiet target add "$triple"; then
        say "no prebuilt standard library for $triple: building one with nightly"
        need_built_std || return 1
    fi
    target_triple=$triple
}

# Sets `target_cargo` to a nightly that builds the standard library, and adds the flag for that
# to `target_flags`. Where that can't be had, says so and returns 1.
need_built_std() {
    local sysroot copy
    target_flags+=(-Zbuild-std=std,panic_unwind)
    if ! sysroot=$(rustc +nightly --print sysroot 2>/dev/null); then
        say "a standard library can only be built with a nightly, and there is none"
        return 1
    fi
    if [[ -d $sysroot/lib/rustlib/src/rust/library ]] ||
        timeout 300 rustup --quiet component add rust-src --toolchain nightly; then
        target_cargo=(cargo +nightly)
        return 0
    fi
    if [[ ! -e ${ROOMSEAL_RUST_SRC:-} ]]; then
        say "no sources of the standard library: ROOMSEAL_RUST_SRC may name some"
        return 1
    fi
    # A copy, so that rustup's own toolchain stays as it is. Hard links cost nothing.
    copy=$(cache_folder)/nightly
    if [[ ! -d $copy ]]; then
        rm -rf "$copy.part"
        mkdir -p "$(dirname "$copy")"
        cp -al "$sysroot" "$copy.part" 2>/dev/null || cp -a "$sysroot" "$copy.part"
        mkdir -p "$copy.part/lib/rustlib/src/rust"
        if [[ -d $ROOMSEAL_RUST_SRC ]]; then
            ln -s "$(realpath "$ROOMSEAL_RUST_SRC")" "$copy.part/lib/rustlib/src/rust/library"
        else
            tar -xf "$ROOMSEAL_RUST_SRC" -C "$copy.part/lib/rustlib/src/rust"
        fi
        mv "$copy.part" "$copy"
    fi
    target_cargo=(env "PATH=$copy/bin:$PATH" "RUSTC=$copy/bin/rustc" cargo)
}

# leave_out TEXT: says what is not built or tried here, and why.
leave_out() { say "LEFT OUT: $*"; }

# Where downloads stay between runs.
cache_folder() { printf '%s/roomseal' "${XDG_CACHE_HOME:-$HOME/.cache}"; }

# build_static_library TRIPLE: sets `static_library` to the library built for the platform, which
# need_target has found. Features are the default ones: the tool and what it needs are never in it.
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
# names mean. More than 5 % above the record fails. With another compiler than the one that the
# record was made with, or a standard library built here, the size is only said. RECORD_SIZES=1
# writes the record anew.
check_size() {
    local name=$1 bytes=$2 file=bindings/sizes.toml recorded compiler
    recorded=$(sed -n "s/^$name = //p" "$file")
    compiler=$(rustc -vV | sed -n 's/^release: //p')
    if [[ -n ${RECORD_SIZES:-} ]]; then
        sed -i "s/^rustc = .*/rustc = \"$compiler\"/" "$file"
        if [[ -n $recorded ]]; then
            sed -i "s/^$name = .*/$name = $bytes/" "$file"
        else
            say "$name = $bytes" >>"$file"
        fi
        return
    fi
    [[ -n $recorded ]] || die "$file has no $name: run again with RECORD_SIZES=1"
    if [[ $(sed -n 's/^rustc = "\(.*\)"$/\1/p' "$file") != "$compiler" || ${target_flags[*]:-} == *build-std* ]]; then
        say "$name: $bytes bytes; $recorded were recorded with another compiler or standard library"
        return
    fi
    say "$name: $bytes bytes, $recorded recorded"
    ((bytes * 100 <= recorded * 105)) ||
        die "$name has grown by more than 5 %: make it smaller, or record it with RECORD_SIZES=1 and say why"
}

# What the tool needs must never be in a library for apps.
check_dependencies() {
    local found
    found=$(cargo tree --quiet --locked --edges normal --prefix none --target "$1" |
        grep -Eow 'clap|anyhow|comfy-table|console|indicatif|ogg|serde_json|adts-reader|cbindgen' || true)
    [[ -z $found ]] || die "the library for $1 depends on ${found//$'\n'/, }"
}
