//! Memory that begins and ends at pages which can't be touched, for tests.

use core::ptr::{NonNull, null_mut};

/// Pages between two that end the process when they are read or written.
pub(crate) struct Guarded {
    start: NonNull<u8>,
    len: usize,
    page: usize,
}

impl Guarded {
    /// At least `len` bytes.
    pub(crate) fn new(len: usize) -> Self {
        // SAFETY: asks for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        let page = usize::try_from(page).expect("a page has a size");
        let len = len.next_multiple_of(page);
        // SAFETY: new memory at a place of the system's choice, out of reach, of
        // which the middle is then opened.
        let start = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANON;
            let all = libc::mmap(null_mut(), len + 2 * page, libc::PROT_NONE, flags, -1, 0);
            assert_ne!(all, libc::MAP_FAILED, "no memory");
            let start = all.cast::<u8>().add(page);
            let opened = libc::mprotect(start.cast(), len, libc::PROT_READ | libc::PROT_WRITE);
            assert_eq!(opened, 0, "the pages can't be opened");
            NonNull::new(start).expect("mapped")
        };
        Self { start, len, page }
    }

    /// The first or the last `len` bytes.
    pub(crate) fn at(&mut self, end: bool, len: usize) -> &mut [u8] {
        assert!(len <= self.len, "too little was mapped");
        let offset = if end { self.len - len } else { 0 };
        // SAFETY: within the open pages, which are zeroed from the start and live as
        // long as `self`, borrowed mutably.
        unsafe { core::slice::from_raw_parts_mut(self.start.as_ptr().add(offset), len) }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // SAFETY: what `new` mapped, and nobody borrows it any more.
        unsafe {
            let all = self.start.as_ptr().sub(self.page);
            libc::munmap(all.cast(), self.len + 2 * self.page);
        }
    }
}
