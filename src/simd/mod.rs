//! AES-128-GCM in fused kernels: counter mode and GHASH in one pass, any length,
//! any alignment, in place or from input to output, in segments or in one call.
//!
//! [`Backend::available`] looks at the CPU once; the value it returns is the proof
//! that the features are there, and each key holds the one it was made with.
#![expect(
    unsafe_code,
    reason = "CPU intrinsics, and pointers that may be the same or disjoint"
)]
#![expect(
    clippy::indexing_slicing,
    reason = "indices are constants, or the fill of a block, which is below 16"
)]
#![cfg_attr(
    not(any(
        target_arch = "x86_64",
        all(target_arch = "aarch64", target_endian = "little")
    )),
    expect(
        dead_code,
        unreachable_code,
        unused_imports,
        unused_macros,
        unused_mut,
        unused_variables,
        clippy::if_same_then_else,
        reason = "no kernel on this architecture: a backend has no value"
    )
)]

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod aarch64;
mod backend;
mod counter;
mod edge;
mod ghash;
#[cfg(all(test, unix))]
pub(crate) mod guarded;
mod kernel;
pub(crate) mod marks;
#[cfg(all(
    target_arch = "x86_64",
    any(roomseal_backend = "pair", roomseal_backend = "quad")
))]
mod pair;
mod partial;
mod scan;
mod tables;
#[cfg(test)]
pub(crate) mod tests;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use scan::reserved_pair;

use counter::State;
use ctr::cipher::inout::InOutBuf;
use edge::Edge;
use tables::{POWERS, RoundKeys, Tables};
use zeroize::Zeroize;

/// Associated data up to this length go into the one multiplication of a short
/// frame: a header with 52 bytes of metadata.
const SHORT_AAD: usize = 64;
/// What stands in one piece already may be longer: clear bytes of a frame that
/// stays one of its codec.
const ONE_PIECE_AAD: usize = 256;
const _: () = assert!(SHORT_AAD <= ONE_PIECE_AAD && ONE_PIECE_AAD / 16 + 1 < POWERS);

/// Bytes of a nonce.
const NONCE_LEN: usize = 12;

/// Kernels that this CPU runs: the proof that it has their features. Only
/// [`Backend::available`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backend(Isa);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Isa {
    /// AES-NI, PCLMULQDQ and AVX: one block a register.
    #[cfg(target_arch = "x86_64")]
    AesNi,
    /// VAES, VPCLMULQDQ and AVX2: two blocks a register.
    #[cfg(target_arch = "x86_64")]
    Vaes,
    /// The same and AVX-512 F, BW, VL and DQ: four blocks a register.
    #[cfg(target_arch = "x86_64")]
    Vaes512,
    /// What `Vaes` does with the instructions of `AesNi`: for tools.
    #[cfg(all(target_arch = "x86_64", roomseal_backend = "pair"))]
    Pair,
    /// What `Vaes512` does with the instructions of `AesNi`: for tools.
    #[cfg(all(target_arch = "x86_64", roomseal_backend = "quad"))]
    Quad,
    /// AES and PMULL: one block a register.
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Aarch64Aes,
}

impl Backend {
    /// Every backend that this CPU has, the fastest first.
    pub(crate) fn available() -> impl Iterator<Item = Self> {
        #[cfg(target_arch = "x86_64")]
        let found = {
            use std::arch::is_x86_feature_detected as has;
            let aes_ni = has!("aes") && has!("pclmulqdq") && has!("avx");
            let vaes = aes_ni && has!("avx2") && has!("vaes") && has!("vpclmulqdq");
            let avx512 =
                has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512dq");
            [
                #[cfg(roomseal_backend = "pair")]
                aes_ni.then_some(Self(Isa::Pair)),
                #[cfg(roomseal_backend = "quad")]
                aes_ni.then_some(Self(Isa::Quad)),
                (vaes && avx512).then_some(Self(Isa::Vaes512)),
                vaes.then_some(Self(Isa::Vaes)),
                aes_ni.then_some(Self(Isa::AesNi)),
            ]
        };
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        let found = {
            use std::arch::is_aarch64_feature_detected as has;
            [(has!("aes") && has!("pmull")).then_some(Self(Isa::Aarch64Aes))]
        };
        #[cfg(not(any(
            target_arch = "x86_64",
            all(target_arch = "aarch64", target_endian = "little")
        )))]
        let found: [Option<Self>; 0] = [];
        found.into_iter().flatten()
    }

    /// The name by which it is forced or hidden.
    pub(crate) const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Isa::AesNi => "aes_ni",
            #[cfg(target_arch = "x86_64")]
            Isa::Vaes => "vaes",
            #[cfg(target_arch = "x86_64")]
            Isa::Vaes512 => "vaes512",
            #[cfg(all(target_arch = "x86_64", roomseal_backend = "pair"))]
            Isa::Pair => "pair",
            #[cfg(all(target_arch = "x86_64", roomseal_backend = "quad"))]
            Isa::Quad => "quad",
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Isa::Aarch64Aes => "aarch64_aes",
        }
    }
}

/// Calls a kernel function of the key's backend.
macro_rules! dispatch {
    ($backend:expr, $function:ident($($argument:expr),* $(,)?)) => {
        match $backend.0 {
            // SAFETY: the backend is the proof of the features; the callers below
            // pass pointers of `InOutBuf` and of slices with their own lengths.
            #[cfg(target_arch = "x86_64")]
            Isa::AesNi => unsafe { x86::aes_ni::$function($($argument),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Isa::Vaes => unsafe { x86::vaes::$function($($argument),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Isa::Vaes512 => unsafe { x86::vaes512::$function($($argument),*) },
            // SAFETY: as above.
            #[cfg(all(target_arch = "x86_64", roomseal_backend = "pair"))]
            Isa::Pair => unsafe { pair::pair::$function($($argument),*) },
            // SAFETY: as above.
            #[cfg(all(target_arch = "x86_64", roomseal_backend = "quad"))]
            Isa::Quad => unsafe { pair::quad::$function($($argument),*) },
            // SAFETY: as above.
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Isa::Aarch64Aes => unsafe { aarch64::aarch64_aes::$function($($argument),*) },
        }
    };
}

/// Round keys and powers of the hash key.
pub(crate) struct Key {
    backend: Backend,
    tables: Tables,
}

impl Drop for Key {
    fn drop(&mut self) {
        self.tables.zeroize();
    }
}

impl Key {
    pub(crate) fn new(backend: Backend, key: &[u8; 16]) -> Self {
        let mut this = Self {
            backend,
            tables: Tables::ZERO,
        };
        dispatch!(backend, set_up(&mut this.tables, key));
        this
    }

    /// Starts a call in segments.
    pub(crate) fn start(&self, nonce: &[u8; NONCE_LEN]) -> Run<'_> {
        self.start_from(State::new(nonce))
    }

    const fn start_from(&self, state: State) -> Run<'_> {
        Run {
            key: self,
            state,
            edge: Edge::EMPTY,
            aad_len: 0,
            len: 0,
        }
    }

    /// Seals in one call and returns the tag.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        data: InOutBuf<'_, '_, u8>,
    ) -> [u8; 16] {
        self.whole::<true>(nonce, aad, data)
    }

    /// Decrypts in one call and returns the tag that authentic data would have.
    pub(crate) fn decrypt(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        data: InOutBuf<'_, '_, u8>,
    ) -> [u8; 16] {
        self.whole::<false>(nonce, aad, data)
    }

    #[inline]
    fn whole<const SEAL: bool>(
        &self,
        nonce: &[u8; NONCE_LEN],
        aad: &[&[u8]],
        data: InOutBuf<'_, '_, u8>,
    ) -> [u8; 16] {
        let aad_len = aad.iter().map(|piece| piece.len()).sum::<usize>();
        let mut gathered = [0; SHORT_AAD];
        let mut state = State::new(nonce);
        let last = match aad {
            // A header without metadata: nothing is copied.
            [piece] | [piece, []] if piece.len() <= ONE_PIECE_AAD => *piece,
            _ if aad_len <= SHORT_AAD => {
                let bytes = aad.iter().flat_map(|piece| piece.iter());
                for (to, from) in gathered.iter_mut().zip(bytes) {
                    *to = *from;
                }
                &gathered[..aad_len]
            }
            _ => {
                let mut run = self.start(nonce);
                for piece in aad {
                    run.aad(piece);
                }
                run.end_block();
                core::mem::swap(&mut state, &mut run.state);
                &[]
            }
        };
        let data_len = data.len();
        let (from, to) = data.into_raw();
        let aad = (last.as_ptr(), last.len(), aad_len);
        if SEAL {
            dispatch!(
                self.backend,
                seal(&self.tables, state, aad, (from, to, data_len))
            )
        } else {
            dispatch!(
                self.backend,
                decrypt(&self.tables, state, aad, (from, to, data_len))
            )
        }
    }
}

/// Whether this CPU has instructions for SHA-256, with which the compression
/// function keeps its state in registers; otherwise it leaves it on the stack.
pub(crate) fn hashes_in_registers() -> bool {
    #[cfg(target_arch = "x86_64")]
    let has =
        std::arch::is_x86_feature_detected!("sha") && std::arch::is_x86_feature_detected!("sse4.1");
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    let has = std::arch::is_aarch64_feature_detected!("sha2");
    #[cfg(not(any(
        target_arch = "x86_64",
        all(target_arch = "aarch64", target_endian = "little")
    )))]
    let has = false;
    has && cfg!(not(any(sha2_backend = "soft", sha2_256_backend = "soft")))
}

/// Round keys alone, for counter mode without a hash.
pub(crate) struct CounterKey {
    backend: Backend,
    round_keys: RoundKeys,
}

impl Drop for CounterKey {
    fn drop(&mut self) {
        self.round_keys.zeroize();
    }
}

impl CounterKey {
    pub(crate) fn new(backend: Backend, key: &[u8; 16]) -> Self {
        let mut this = Self {
            backend,
            round_keys: RoundKeys::ZERO,
        };
        dispatch!(backend, expand_key(&mut this.round_keys, key));
        this
    }

    /// Encrypts or decrypts what stands `position` bytes into a call whose first
    /// counter block is the nonce and 0. At most 2^36 bytes go into a call.
    pub(crate) fn apply(
        &self,
        nonce: &[u8; NONCE_LEN],
        position: usize,
        data: InOutBuf<'_, '_, u8>,
    ) {
        #[expect(clippy::cast_possible_truncation, reason = "fewer than 2^32 blocks")]
        let counter = (position / 16) as u32;
        let state = State::starting_at(nonce, counter);
        let len = data.len();
        let (from, to) = data.into_raw();
        dispatch!(
            self.backend,
            add_key_stream(&self.round_keys, state, (from, to, len), position % 16)
        );
    }
}

/// A call in segments.
pub(crate) struct Run<'k> {
    key: &'k Key,
    state: State,
    edge: Edge,
    aad_len: usize,
    len: usize,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.state.zeroize();
        self.edge.zeroize();
    }
}

impl Run<'_> {
    pub(crate) fn aad(&mut self, mut piece: &[u8]) {
        self.aad_len = self.aad_len.wrapping_add(piece.len());
        let edge = &mut self.edge;
        if edge.filled > 0 {
            let (now, later) = piece.split_at(piece.len().min(16 - edge.filled));
            edge.text[edge.filled..edge.filled + now.len()].copy_from_slice(now);
            edge.filled += now.len();
            piece = later;
            if edge.filled < 16 {
                return;
            }
            self.end_block();
        }
        let (whole, rest) = piece.split_at(piece.len() / 16 * 16);
        let blocks = whole.len() / 16;
        dispatch!(
            self.key.backend,
            hash(&self.key.tables, &mut self.state, whole.as_ptr(), blocks)
        );
        self.edge.text[..rest.len()].copy_from_slice(rest);
        self.edge.filled = rest.len();
    }

    pub(crate) fn encrypt(&mut self, segment: InOutBuf<'_, '_, u8>) {
        self.crypt::<true>(segment);
    }

    pub(crate) fn decrypt(&mut self, segment: InOutBuf<'_, '_, u8>) {
        self.crypt::<false>(segment);
    }

    #[inline]
    fn crypt<const SEAL: bool>(&mut self, segment: InOutBuf<'_, '_, u8>) {
        if segment.is_empty() {
            return;
        }
        if self.len == 0 {
            // The associated data ends.
            self.end_block();
        }
        let len = segment.len();
        self.len = self.len.wrapping_add(len);
        let (state, edge) = (&mut self.state, &mut self.edge);
        let (from, to) = segment.into_raw();
        if SEAL {
            dispatch!(
                self.key.backend,
                encrypt_segment(&self.key.tables, state, edge, (from, to, len))
            );
        } else {
            dispatch!(
                self.key.backend,
                decrypt_segment(&self.key.tables, state, edge, (from, to, len))
            );
        }
    }

    /// Hashes what is left of a block, filled up with zeros.
    fn end_block(&mut self) {
        if self.edge.filled > 0 {
            let block = self.edge.text.as_ptr();
            dispatch!(
                self.key.backend,
                hash(&self.key.tables, &mut self.state, block, 1)
            );
            self.edge.text = [0; 32];
            self.edge.filled = 0;
        }
    }

    pub(crate) fn finish(mut self) -> [u8; 16] {
        self.end_block();
        let (aad_len, len) = (self.aad_len, self.len);
        dispatch!(
            self.key.backend,
            tag(&self.key.tables, &self.state, aad_len, len)
        )
    }
}
