//! The border itself: panics, NULL, sizes, overlaps, handles. Everything that
//! comes from C passes through here before anything else looks at it.

use super::status::{ROOMSEAL_OK, roomseal_status};
use crate::{Error, Result};
use core::ffi::c_char;
use core::mem::size_of;
use core::panic::AssertUnwindSafe;
use core::ptr::NonNull;
use std::panic::catch_unwind;

/// A buffer that is read, as C describes it.
pub(super) type In = (*const u8, usize);
/// A buffer that is written, as C describes it.
pub(super) type Out = (*mut u8, usize);

/// Runs the body of a function and turns its result into a status.
///
/// What stands behind handles stays whole when a body unwinds: it changes by
/// atomic operations, or under locks whose holders don't panic half-way.
pub(super) fn guard(body: impl FnOnce() -> Result<()>) -> roomseal_status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => ROOMSEAL_OK,
        Ok(Err(error)) => error.status(),
        Err(_) => Error::Internal.status(),
    }
}

/// Runs `open` on an output that may hold bytes not yet authenticated, and
/// leaves zeros there if it unwinds.
pub(super) fn zeros_on_panic<T>(out: &mut [u8], open: impl FnOnce(&mut [u8]) -> T) -> T {
    struct Wipe<'o> {
        out: &'o mut [u8],
        unwinds: bool,
    }
    impl Drop for Wipe<'_> {
        fn drop(&mut self) {
            if self.unwinds {
                self.out.fill(0);
            }
        }
    }
    let mut wipe = Wipe { out, unwinds: true };
    let result = open(wipe.out);
    wipe.unwinds = false;
    result
}

// ---------------------------------------------------------------- handles

/// Gives a new handle to C.
pub(super) fn hand_over<T>(object: T) -> *mut T {
    Box::into_raw(Box::new(object))
}

/// Borrows what a handle stands for.
///
/// # Safety
/// `handle` is NULL, or came from [`hand_over`] and is not freed during `'a`.
pub(super) unsafe fn borrow<'a, T>(handle: *const T) -> Result<&'a T> {
    // SAFETY: not NULL or refused; else the caller's promise.
    unsafe { handle.as_ref() }.ok_or(Error::NullPointer)
}

/// Borrows what a handle stands for, to change it.
///
/// # Safety
/// As [`borrow`], and nothing else uses the handle during `'a`.
pub(super) unsafe fn borrow_mut<'a, T>(handle: *mut T) -> Result<&'a mut T> {
    // SAFETY: not NULL or refused; else the caller's promise.
    unsafe { handle.as_mut() }.ok_or(Error::NullPointer)
}

/// Takes a handle back and drops what it stands for.
///
/// # Safety
/// `handle` is NULL, or came from [`hand_over`] and is used by nobody any more.
pub(super) unsafe fn take_back<T>(handle: *mut T) {
    if handle.is_null() {
        return;
    }
    // SAFETY: the pointer came from `Box::into_raw`, and comes back once.
    let object = unsafe { Box::from_raw(handle) };
    // No destructor panics; if one did, there is nobody to tell.
    drop(catch_unwind(AssertUnwindSafe(|| drop(object))));
}

// ---------------------------------------------------------------- outputs of one value

/// Where C wants a value.
pub(super) struct Place<T>(NonNull<T>);

impl<T> Place<T> {
    /// # Safety
    /// `place` is NULL or valid for writing a `T` as long as the result is used.
    pub(super) unsafe fn new(place: *mut T) -> Result<Self> {
        NonNull::new(place).map(Self).ok_or(Error::NullPointer)
    }

    pub(super) fn set(self, value: T) {
        // SAFETY: `new` was promised that the place is valid. Alignment is not
        // needed.
        unsafe { self.0.write_unaligned(value) }
    }
}

/// Where C wants a list of numbers.
pub(super) struct Numbers {
    start: *mut u64,
    cap: usize,
}

impl Numbers {
    /// # Safety
    /// `start` is NULL or valid for writing `cap` numbers as long as the result
    /// is used.
    pub(super) unsafe fn new(start: *mut u64, cap: usize) -> Result<Self> {
        let bytes = cap.checked_mul(size_of::<u64>());
        check(start.cast(), bytes.ok_or(Error::InvalidArgument)?)?;
        Ok(Self { start, cap })
    }

    /// Writes all `numbers`, or none.
    pub(super) fn set(self, numbers: &[u64]) -> Result<()> {
        if numbers.len() > self.cap {
            return Err(Error::BufferTooSmall);
        }
        for (at, number) in numbers.iter().enumerate() {
            // SAFETY: `at` is below `cap`, and `new` was promised that many.
            let place = unsafe { self.start.add(at) };
            // SAFETY: the same; alignment is not needed.
            unsafe { place.write_unaligned(*number) };
        }
        Ok(())
    }
}

// ---------------------------------------------------------------- buffers

/// The bytes of an input. NULL with length 0 is empty.
///
/// # Safety
/// The pointer is NULL or valid for reading its length during `'a`, and nothing
/// writes there meanwhile.
pub(super) unsafe fn input<'a>(from: In) -> Result<&'a [u8]> {
    check(from.0, from.1)?;
    // SAFETY: just checked; else the caller's promise.
    Ok(unsafe { read(from) })
}

/// An input of text.
pub(super) const fn text(start: *const c_char, len: usize) -> In {
    (start.cast(), len)
}

/// An output of text.
pub(super) const fn text_out(start: *mut c_char, cap: usize) -> Out {
    (start.cast(), cap)
}

/// The bytes of several inputs and of an output that shares none with them.
/// Everything is checked before the first slice is made.
///
/// # Safety
/// Each pointer is NULL or valid for its length during `'a`: the inputs for
/// reading, the output for writing, and nothing else writes to any of them or
/// reads the output.
pub(super) unsafe fn apart<'a, const N: usize>(
    inputs: [In; N],
    out: Out,
) -> Result<([&'a [u8]; N], &'a mut [u8])> {
    for (start, len) in inputs {
        check(start, len)?;
    }
    check(out.0, out.1)?;
    if inputs.into_iter().any(|input| overlap(input, out)) {
        return Err(Error::BuffersOverlap);
    }
    // SAFETY: checked above, apart from the output; else the caller's promise.
    let inputs = inputs.map(|input| unsafe { read(input) });
    // SAFETY: checked above, apart from all inputs; else the caller's promise.
    Ok((inputs, unsafe { write(out) }))
}

/// NULL comes with length 0 only, and the buffer ends within the address space
/// and below the longest that Rust knows.
fn check(start: *const u8, len: usize) -> Result<()> {
    if len == 0 {
        Ok(())
    } else if start.is_null() {
        Err(Error::NullPointer)
    } else if len > isize::MAX.unsigned_abs() || start.addr().checked_add(len).is_none() {
        Err(Error::InvalidArgument)
    } else {
        Ok(())
    }
}

/// Whether two checked buffers share a byte.
fn overlap((a, a_len): In, (b, b_len): Out) -> bool {
    // Neither sum wraps, as `check` made sure.
    a_len != 0
        && b_len != 0
        && a.addr() < b.addr().saturating_add(b_len)
        && b.addr() < a.addr().saturating_add(a_len)
}

/// # Safety
/// As [`input`], and the buffer passed [`check`].
unsafe fn read<'a>((start, len): In) -> &'a [u8] {
    if len == 0 {
        // Whatever the pointer is.
        return &[];
    }
    // SAFETY: not NULL and not too long, as checked; else the caller's promise.
    unsafe { core::slice::from_raw_parts(start, len) }
}

/// # Safety
/// As the output of [`apart`], and the buffer passed [`check`].
unsafe fn write<'a>((start, len): Out) -> &'a mut [u8] {
    if len == 0 {
        return &mut [];
    }
    // SAFETY: not NULL and not too long, as checked; else the caller's promise.
    // C's bytes have values, though they may be no one's: none is read before it
    // is written.
    unsafe { core::slice::from_raw_parts_mut(start, len) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_status_and_leaves_zeros() {
        let mut out = [7; 5];
        let status = guard(|| {
            zeros_on_panic(&mut out, |out| {
                out[0] = 1;
                panic!("provoked by a test");
            })
        });
        assert_eq!(status, Error::Internal.status());
        assert_eq!(out, [0; 5]);

        let status = guard(|| {
            zeros_on_panic(&mut out, |out| out[0] = 1);
            Err(Error::Budget)
        });
        assert_eq!(status, Error::Budget.status());
        assert_eq!(out, [1, 0, 0, 0, 0]);
        assert_eq!(guard(|| Ok(())), ROOMSEAL_OK);
    }

    #[test]
    fn a_destructor_that_panics_does_not_cross_the_border() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("provoked by a test");
            }
        }
        // SAFETY: just handed over.
        unsafe { take_back(hand_over(Bomb)) };
        // SAFETY: NULL is allowed.
        unsafe { take_back::<Bomb>(core::ptr::null_mut()) };
    }

    #[test]
    fn buffers_are_checked_by_address_and_length() {
        let byte = 7_u8;
        let some = &raw const byte;
        let null = core::ptr::null();
        let most = isize::MAX.unsigned_abs();
        let last = core::ptr::without_provenance(usize::MAX);
        for (start, len, result) in [
            (null, 0, Ok(())),
            (some, 0, Ok(())),
            (last, 0, Ok(())),
            (null, 1, Err(Error::NullPointer)),
            (null, usize::MAX, Err(Error::NullPointer)),
            (some, 1, Ok(())),
            (core::ptr::without_provenance(1), most, Ok(())),
            (some, most + 1, Err(Error::InvalidArgument)),
            (some, usize::MAX, Err(Error::InvalidArgument)),
            (last, 1, Err(Error::InvalidArgument)),
        ] {
            assert_eq!(check(start, len), result, "{start:?} {len}");
        }
    }

    #[test]
    fn overlap_is_found_at_every_offset() {
        let base = 1_000_usize;
        for a_len in 0..5_usize {
            for b in base - 6..base + 6 {
                for b_len in 0..5_usize {
                    let shared = (base..base + a_len).any(|x| (b..b + b_len).contains(&x));
                    let found = overlap(
                        (core::ptr::without_provenance(base), a_len),
                        (core::ptr::without_provenance_mut(b), b_len),
                    );
                    assert_eq!(found, shared, "{base}+{a_len} {b}+{b_len}");
                }
            }
        }
    }
}
