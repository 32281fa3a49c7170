//! Room frames through the C interface, called as from C: through pointers to
//! its functions, which the optimiser can't look into.

use crate::frames::{BASE_KEY, Frames, FramesInPlace, reserve};
use core::hint::black_box;
use core::ops::Range;
use core::ptr::{null, null_mut};
use roomseal::ffi::{
    ROOMSEAL_KIND_VIDEO, ROOMSEAL_OK, roomseal_config_free, roomseal_config_new,
    roomseal_config_set_app_id_number, roomseal_config_set_room_id_number, roomseal_opener,
    roomseal_opener_free, roomseal_opener_new, roomseal_opener_open, roomseal_opener_open_in_place,
    roomseal_room, roomseal_room_activate, roomseal_room_free, roomseal_room_install,
    roomseal_room_new, roomseal_sealer, roomseal_sealer_free, roomseal_sealer_new,
    roomseal_sealer_seal, roomseal_sealer_seal_in_place, roomseal_status,
};

type Seal = unsafe extern "C" fn(
    *const roomseal_sealer,
    *const u8,
    usize,
    *const u8,
    usize,
    *mut u8,
    usize,
    *mut usize,
) -> roomseal_status;

type SealInPlace = unsafe extern "C" fn(
    *const roomseal_sealer,
    *const u8,
    usize,
    *mut u8,
    usize,
    usize,
    usize,
    *mut usize,
    *mut usize,
) -> roomseal_status;

type Open = unsafe extern "C" fn(
    *const roomseal_opener,
    u32,
    *const u8,
    usize,
    *const u8,
    usize,
    *const core::ffi::c_char,
    usize,
    *mut u8,
    usize,
    *mut usize,
) -> roomseal_status;

type OpenInPlace = unsafe extern "C" fn(
    *const roomseal_opener,
    u32,
    *const u8,
    usize,
    *const core::ffi::c_char,
    usize,
    *mut u8,
    usize,
    *mut usize,
    *mut usize,
) -> roomseal_status;

/// Two members of a room, by their handles.
pub(crate) struct Handles {
    rooms: [*mut roomseal_room; 2],
    sealer: *mut roomseal_sealer,
    opener: *mut roomseal_opener,
    seal: Seal,
    seal_in_place: SealInPlace,
    open: Open,
    open_in_place: OpenInPlace,
}

fn ok(status: roomseal_status) {
    assert_eq!(status, ROOMSEAL_OK);
}

fn room() -> *mut roomseal_room {
    let mut config = null_mut();
    let mut room = null_mut();
    // SAFETY: the outputs are places of this function, the handles come from
    // the calls before, and the key is as long as said.
    unsafe {
        ok(roomseal_config_new(&raw mut config));
        ok(roomseal_config_set_app_id_number(config, 1));
        ok(roomseal_config_set_room_id_number(config, 2));
        ok(roomseal_room_new(config, &raw mut room));
        roomseal_config_free(config);
        let key = BASE_KEY.as_ptr();
        ok(roomseal_room_install(
            room,
            1,
            key,
            BASE_KEY.len(),
            null(),
            0,
        ));
        ok(roomseal_room_activate(room, 1));
    }
    room
}

impl Handles {
    pub(crate) fn new() -> Self {
        let rooms = [room(), room()];
        let mut sealer = null_mut();
        let mut opener = null_mut();
        // SAFETY: the rooms were made above, the outputs are places of this function.
        unsafe {
            let kind = ROOMSEAL_KIND_VIDEO;
            ok(roomseal_sealer_new(rooms[0], kind, &raw mut sealer));
            ok(roomseal_opener_new(rooms[1], &raw mut opener));
        }
        Self {
            rooms,
            sealer,
            opener,
            seal: black_box(roomseal_sealer_seal),
            seal_in_place: black_box(roomseal_sealer_seal_in_place),
            open: black_box(roomseal_opener_open),
            open_in_place: black_box(roomseal_opener_open_in_place),
        }
    }
}

impl Drop for Handles {
    fn drop(&mut self) {
        // SAFETY: each was made by `new` and is freed once, here.
        unsafe {
            roomseal_sealer_free(self.sealer);
            roomseal_opener_free(self.opener);
            roomseal_room_free(self.rooms[0]);
            roomseal_room_free(self.rooms[1]);
        }
    }
}

impl Frames for Handles {
    const NAME: &'static str = "roomseal C ABI";

    fn seal(&mut self, plaintext: &[u8], frame: &mut Vec<u8>) -> usize {
        let cap = plaintext.len() + roomseal::MAX_OVERHEAD;
        reserve(frame, cap);
        let mut len = 0;
        // SAFETY: the handle is alive, each pointer comes with the length of its slice.
        ok(unsafe {
            (self.seal)(
                self.sealer,
                plaintext.as_ptr(),
                plaintext.len(),
                null(),
                0,
                frame.as_mut_ptr(),
                cap,
                &raw mut len,
            )
        });
        len
    }

    fn open(&mut self, frame: &[u8], plaintext: &mut Vec<u8>) -> Option<usize> {
        reserve(plaintext, frame.len());
        let mut len = 0;
        // SAFETY: the handle is alive, each pointer comes with the length of its slice.
        let status = unsafe {
            (self.open)(
                self.opener,
                ROOMSEAL_KIND_VIDEO,
                frame.as_ptr(),
                frame.len(),
                null(),
                0,
                null(),
                0,
                plaintext.as_mut_ptr(),
                plaintext.len(),
                &raw mut len,
            )
        };
        (status == ROOMSEAL_OK).then_some(len)
    }
}

impl FramesInPlace for Handles {
    const NAME: &'static str = "roomseal C ABI in place";

    fn seal(&mut self, buf: &mut [u8], payload: Range<usize>) -> Range<usize> {
        let (mut start, mut len) = (0, 0);
        // SAFETY: the handle is alive, the pointer comes with the length of its slice.
        ok(unsafe {
            (self.seal_in_place)(
                self.sealer,
                null(),
                0,
                buf.as_mut_ptr(),
                buf.len(),
                payload.start,
                payload.len(),
                &raw mut start,
                &raw mut len,
            )
        });
        start..start + len
    }

    fn open(&mut self, frame: &mut [u8]) -> Option<Range<usize>> {
        let (mut start, mut len) = (0, 0);
        // SAFETY: the handle is alive, the pointer comes with the length of its slice.
        let status = unsafe {
            (self.open_in_place)(
                self.opener,
                ROOMSEAL_KIND_VIDEO,
                null(),
                0,
                null(),
                0,
                frame.as_mut_ptr(),
                frame.len(),
                &raw mut start,
                &raw mut len,
            )
        };
        (status == ROOMSEAL_OK).then_some(start..start + len)
    }
}
