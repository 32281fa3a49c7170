//! What the operating system must tell us: whether this process was forked.
#![expect(unsafe_code, reason = "one call into libc")]

use core::sync::atomic::{AtomicU64, Ordering};

/// Raised in a child process by the handler that the first caller registers.
static FORKS: AtomicU64 = AtomicU64::new(0);

/// How often this process was forked off since the library was first used: a
/// value that differs between a parent and its child. One load.
#[inline]
pub(crate) fn fork_generation() -> u64 {
    FORKS.load(Ordering::Relaxed)
}

/// Makes sure that a fork from now on raises [`fork_generation`] in the child.
/// Returns whether the guard stands.
#[cfg(unix)]
pub(crate) fn watch_forks() -> bool {
    use core::ffi::c_int;
    use std::sync::OnceLock;

    type Handler = Option<extern "C" fn()>;

    unsafe extern "C" {
        fn pthread_atfork(prepare: Handler, parent: Handler, child: Handler) -> c_int;
    }

    extern "C" fn in_child() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }

    static WATCHING: OnceLock<bool> = OnceLock::new();
    *WATCHING.get_or_init(|| {
        // SAFETY: the signature is POSIX's, NULL is allowed for the handlers not
        // given, and `in_child` only adds to an atomic, which is safe after a fork.
        unsafe { pthread_atfork(None, None, Some(in_child)) == 0 }
    })
}

/// There is no fork to guard against.
#[cfg(not(unix))]
pub(crate) fn watch_forks() -> bool {
    true
}
