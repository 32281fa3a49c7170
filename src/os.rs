//! What lies below the language: memory that is wiped to its last byte, and
//! whether this process was forked.
#![expect(unsafe_code, reason = "raw memory, and one call into libc")]

use core::mem::MaybeUninit;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroize;

/// Stack below a function that derives and prepares keys, to be wiped after it:
/// HKDF and the ciphers' libraries copy round keys and hash states by value.
/// Debug builds take several times the stack. `tests/secrets.rs` looks whether
/// it is enough.
pub(crate) const SETUP_STACK: usize = if cfg!(debug_assertions) {
    64 << 10
} else {
    16 << 10
};
/// The same for a frame that a library's cipher works on.
pub(crate) const CALL_STACK: usize = if cfg!(debug_assertions) {
    32 << 10
} else {
    8 << 10
};

/// A heap place that is all zero when it goes.
///
/// A value that wipes itself when dropped leaves what its fields don't cover:
/// padding, and the room of other variants of an enum. A value that was moved
/// there from the stack brought along what had stood on the stack before it.
pub(crate) struct Wiped<T>(Box<MaybeUninit<T>>);

impl<T> Wiped<T> {
    /// Moves a value to the heap. Its copy on the stack is the caller's to wipe.
    pub(crate) fn new(value: T) -> Self {
        Self(Box::new(MaybeUninit::new(value)))
    }
}

impl<T> Deref for Wiped<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `new` made it of a value, and only `drop` takes that away.
        unsafe { self.0.assume_init_ref() }
    }
}

impl<T> DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`.
        unsafe { self.0.assume_init_mut() }
    }
}

impl<T> Drop for Wiped<T> {
    fn drop(&mut self) {
        // SAFETY: as in `deref`; nothing uses the value afterwards.
        unsafe { self.0.assume_init_drop() };
        core::slice::from_mut(&mut *self.0).zeroize();
    }
}

impl<T: core::fmt::Debug> core::fmt::Debug for Wiped<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        (**self).fmt(f)
    }
}

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
