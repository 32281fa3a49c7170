//! The functions of a backend: what is called through `dispatch!`.

/// The kernels over one vector type, each compiled with its CPU features.
macro_rules! backend {
    ($name:ident, $vector:ty, $features:literal) => {
        backend!($name, $vector, $features, $vector, 0);
    };
    // Frames of up to `$short` bytes are sealed and opened with another vector.
    ($name:ident, $vector:ty, $features:literal, $narrow:ty, $short:literal) => {
        pub(super) mod $name {
            use super::*;
            use crate::simd::counter::{self, State};
            use crate::simd::edge::Edge;
            use crate::simd::kernel;
            use crate::simd::tables::{self, RoundKeys, Tables};
            use crate::simd::vector::{Block, Vector};

            const GROUP: usize = <$vector as Vector>::GROUP;
            const NARROW_GROUP: usize = <$narrow as Vector>::GROUP;

            /// # Safety
            /// The CPU has the features.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn set_up(t: &mut Tables, key: &Block) {
                // SAFETY: passed on.
                unsafe { tables::set_up::<<$vector as Vector>::One>(t, key) }
            }

            /// # Safety
            /// The CPU has the features.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn expand_key(keys: &mut RoundKeys, key: &Block) {
                // SAFETY: passed on.
                unsafe { tables::expand_key::<<$vector as Vector>::One>(keys, key) }
            }

            /// # Safety
            /// The CPU has the features; the pointers are valid for the length that
            /// comes with them, the same or disjoint; `skip` is below 16.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn add_key_stream(
                keys: &RoundKeys,
                state: State,
                data: (*const u8, *mut u8, usize),
                skip: usize,
            ) {
                // SAFETY: passed on.
                unsafe { counter::apply::<$vector>(keys, &state, data, skip) }
            }

            /// # Safety
            /// The CPU has the features; `data` is valid for `16 * blocks` bytes.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn hash(
                t: &Tables,
                state: &mut State,
                data: *const u8,
                blocks: usize,
            ) {
                // SAFETY: passed on.
                unsafe { kernel::hash_blocks::<$vector>(t, state, data, blocks) }
            }

            /// # Safety
            /// The CPU has the features; the pointers are valid for the length that
            /// comes with them, the same or disjoint.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn encrypt_segment(
                t: &Tables,
                state: &mut State,
                edge: &mut Edge,
                data: (*const u8, *mut u8, usize),
            ) {
                // SAFETY: passed on.
                unsafe { kernel::segment::<$vector, GROUP, true>(t, (state, edge), data) }
            }

            /// # Safety
            /// As `encrypt_segment`.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn decrypt_segment(
                t: &Tables,
                state: &mut State,
                edge: &mut Edge,
                data: (*const u8, *mut u8, usize),
            ) {
                // SAFETY: passed on.
                unsafe { kernel::segment::<$vector, GROUP, false>(t, (state, edge), data) }
            }

            /// # Safety
            /// The CPU has the features.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn tag(
                t: &Tables,
                state: &State,
                aad_len: usize,
                len: usize,
            ) -> Block {
                // SAFETY: passed on.
                unsafe { kernel::tag::<$vector>(t, state, aad_len, len) }
            }

            /// # Safety
            /// The CPU has the features; the pointers are valid for the bytes they
            /// come with, those of `data` the same or disjoint.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn seal(
                t: &Tables,
                state: State,
                aad: (*const u8, usize, usize),
                data: (*const u8, *mut u8, usize),
            ) -> Block {
                // SAFETY: passed on.
                unsafe {
                    if data.2 <= $short {
                        kernel::whole::<$narrow, NARROW_GROUP, true>(t, state, aad, data)
                    } else {
                        kernel::whole::<$vector, GROUP, true>(t, state, aad, data)
                    }
                }
            }

            /// # Safety
            /// As `seal`.
            #[target_feature(enable = $features)]
            pub(in crate::simd) unsafe fn decrypt(
                t: &Tables,
                state: State,
                aad: (*const u8, usize, usize),
                data: (*const u8, *mut u8, usize),
            ) -> Block {
                // SAFETY: passed on.
                unsafe {
                    if data.2 <= $short {
                        kernel::whole::<$narrow, NARROW_GROUP, false>(t, state, aad, data)
                    } else {
                        kernel::whole::<$vector, GROUP, false>(t, state, aad, data)
                    }
                }
            }
        }
    };
}

pub(super) use backend;
