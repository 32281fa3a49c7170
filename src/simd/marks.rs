//! What tells valgrind apart what is secret and what is not, in builds with
//! `--cfg roomseal_ctgrind`. `.ci/valgrind` marks keys and plaintext as undefined;
//! valgrind then reports every branch and every address that depends on them.

/// Whether a secret comparison held, which the caller is told anyway: the one
/// thing about a secret that decides what happens next.
#[inline(always)]
pub(crate) fn declassified(answer: bool) -> bool {
    #[cfg(all(roomseal_ctgrind, target_arch = "x86_64"))]
    let answer = {
        // A place in memory, as the mark is on that: what may change is read again.
        let place = core::cell::Cell::new(answer);
        request::defined(core::slice::from_ref(&place));
        place.get()
    };
    answer
}

/// Memcheck's client requests: numbers in registers around an instruction sequence
/// that does nothing on a CPU (valgrind.h and memcheck.h of valgrind).
#[cfg(all(roomseal_ctgrind, target_arch = "x86_64"))]
#[expect(
    clippy::allow_attributes,
    reason = "the library uses one function, tests/ctgrind all of them"
)]
#[allow(dead_code, reason = "as above")]
pub(crate) mod request {
    use core::arch::asm;

    const RUNNING_ON_VALGRIND: u64 = 0x1001;
    const MAKE_MEM_UNDEFINED: u64 = 0x4D43_0001;
    const MAKE_MEM_DEFINED: u64 = 0x4D43_0002;

    fn ask(request: u64, place: u64, len: u64) -> u64 {
        let words = [request, place, len, 0, 0, 0];
        let mut answer = 0_u64;
        // SAFETY: four rotations by 128 bits in all and an exchange of a register with
        // itself; valgrind reads `words` and sets `answer`.
        unsafe {
            asm!(
                "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
                in("rax") words.as_ptr(),
                inout("rdx") answer,
                options(nostack),
            );
        }
        answer
    }

    /// Whether valgrind runs this process.
    pub(crate) fn is_watched() -> bool {
        ask(RUNNING_ON_VALGRIND, 0, 0) != 0
    }

    /// Marks values as secret.
    pub(crate) fn undefined<T>(values: &mut [T]) {
        let len = size_of_val(values) as u64;
        ask(
            MAKE_MEM_UNDEFINED,
            values.as_mut_ptr().expose_provenance() as u64,
            len,
        );
    }

    /// Marks values as public.
    pub(crate) fn defined<T>(values: &[T]) {
        let len = size_of_val(values) as u64;
        ask(
            MAKE_MEM_DEFINED,
            values.as_ptr().expose_provenance() as u64,
            len,
        );
    }
}
